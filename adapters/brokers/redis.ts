import { ActorError, type Bus } from '../../core/adapter.js'
import { given, has } from '../base/given.js'
import { brokerBus, type BrokerOptions } from './broker-bus.js'
import { isIoRedis, openIoRedis } from './io-redis.js'
import { isNodeRedis, openNodeRedis } from './node-redis.js'

export type { BrokerOptions }

/** A client of node-redis (`createClient()` of `redis`), or of ioredis (`new Redis()`). */
export interface RedisClient {
  duplicate(...args: never[]): unknown
  publish(...args: never[]): unknown
  on(...args: never[]): unknown
}

const SUBJECTS = {
  name: 'redis',
  separator: ':',
  // Those that mean something in a pattern of PUBSUB CHANNELS are not in it.
  prefix: /^[\w:.@/-]{1,128}$/,
  rule: 'a text of 1 to 128 letters, digits and the characters : . @ / _ -',
}

/**
 * A bus over the publish and subscribe of Redis, for processes on one machine or many.
 *
 * Takes the client, and `{ prefix, key, leaf }`. The client stays the user's: it publishes, and is never closed here. A second
 * connection, for what comes, is made with `duplicate()` and closed with the bus. Without a `key`, all that can reach the server are
 * trusted.
 *
 * Returns what `join` takes. Throws `malformed` for anything but a client and for wrong options. `join` rejects with `unreachable` if a
 * client of node-redis was not connected, with `handshake-timeout` if the server can't be reached, and with `expired` if the key of a leaf
 * has expired.
 */
export function redis(client: RedisClient, options: BrokerOptions = {}): Bus {
  if (has(client, 'duplicate', 'publish', 'on')) {
    if (isNodeRedis(client)) return brokerBus(SUBJECTS, options, openNodeRedis(client))
    if (isIoRedis(client)) return brokerBus(SUBJECTS, options, openIoRedis(client))
  }
  throw new ActorError(
    'malformed',
    `redis takes a client of node-redis or ioredis, such as createClient(), not ${given(client)}`,
  )
}
