// The entry `troupe/nats`: what runs over a NATS server.
export { nats } from '../brokers/nats.js'
export type { BrokerOptions, NatsConnection } from '../brokers/nats.js'
export { natsLocks } from '../claims/nats-locks.js'
export type { NatsLocksOptions } from '../claims/nats-locks.js'
export type { AcquireLockOptions, LockHolder, LockOptions, Locks } from '../claims/locks.js'
export { natsStore } from '../stores/nats-store.js'
export type { NatsStoreOptions } from '../stores/nats-store.js'
