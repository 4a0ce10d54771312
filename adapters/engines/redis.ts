// The entry `troupe/redis`: what runs over a Redis server.
export { redis } from '../brokers/redis.js'
export type { BrokerOptions, RedisClient } from '../brokers/redis.js'
export { redisLocks } from '../claims/redis-locks.js'
export type { RedisLocksOptions } from '../claims/redis-locks.js'
export type { AcquireLockOptions, LockHolder, LockOptions, Locks } from '../claims/locks.js'
export { redisStore } from '../stores/redis-store.js'
export type { RedisStoreOptions } from '../stores/redis-store.js'
