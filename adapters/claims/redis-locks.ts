import { checkOptions } from '../base/options.js'
import { checkPrefix } from '../engines/prefix.js'
import { checkLease } from './lease.js'
import { Locks } from './locks.js'
import { RedisClaims } from './redis-claims.js'

/** The options of `redisLocks`. */
export interface RedisLocksOptions {
  /** What the keys begin with: locks of one prefix are one set. `troupe` unless given. */
  readonly prefix?: string
  /** Milliseconds after which a lock is free again whose holder does not renew it, as it does by itself. 10,000 unless given. */
  readonly lease?: number
}

/**
 * Locks that all processes share which use this Redis server and this prefix.
 *
 * Takes a client of node-redis or ioredis, which stays the user's. Throws `malformed` for anything else.
 */
export function redisLocks(client: object, options: RedisLocksOptions = {}): Locks {
  checkOptions('redisLocks', options, ['prefix', 'lease'])
  const prefix = checkPrefix('redisLocks', options.prefix)
  return new Locks(new RedisClaims('redisLocks', client, `${prefix}:locks`, checkLease(options.lease)))
}
