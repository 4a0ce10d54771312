import type { Dispatcher } from '../../core/index.js'
import { checkOptions } from '../base/options.js'
import { checkPrefix } from '../engines/prefix.js'
import { ClusterDirectory } from './cluster-directory.js'
import { checkLease } from './lease.js'
import { RedisClaims } from './redis-claims.js'

/** The options of `redisDirectory`. */
export interface RedisDirectoryOptions {
  /** What the keys begin with: directories of one prefix are one. `troupe` unless given. */
  readonly prefix?: string
  /** Milliseconds after which the names of a process that ended are free. 10,000 unless given. */
  readonly lease?: number
}

/**
 * Names of actors that are unique among all processes which use this Redis server and this prefix.
 *
 * Takes the dispatcher whose actors get names, and a client of node-redis or ioredis, which stays the user's. Throws `malformed`
 * for anything else.
 */
export function redisDirectory(
  dispatcher: Dispatcher,
  client: object,
  options: RedisDirectoryOptions = {},
): ClusterDirectory {
  checkOptions('redisDirectory', options, ['prefix', 'lease'])
  const prefix = checkPrefix('redisDirectory', options.prefix)
  const claims = new RedisClaims('redisDirectory', client, `${prefix}:names`, checkLease(options.lease))
  return new ClusterDirectory('redisDirectory', dispatcher, claims)
}
