import { checkOptions } from '../base/options.js'
import { checkBucket } from '../engines/bucket.js'
import { JetStream } from '../engines/jetstream.js'
import { checkLease } from './lease.js'
import { Locks } from './locks.js'
import { NatsClaims } from './nats-claims.js'

/** The options of `natsLocks`. */
export interface NatsLocksOptions {
  /** The name of the set of locks: letters, digits, `_` and `-`. `troupe` unless given. */
  readonly bucket?: string
  /**
   * Milliseconds after which a lock is free again whose holder does not renew it, as it does by itself. 10,000 unless given. It
   * belongs to the bucket: calls reject with `malformed` if the bucket was made with another one.
   */
  readonly lease?: number
}

/**
 * Locks that all processes share which use this NATS server and this bucket. They are kept by JetStream, in the stream
 * `troupe_locks_<bucket>`, which is made where it is missing.
 *
 * Takes a connection, which stays the user's. Throws `malformed` for anything else.
 */
export function natsLocks(connection: object, options: NatsLocksOptions = {}): Locks {
  checkOptions('natsLocks', options, ['bucket', 'lease'])
  const bucket = checkBucket('natsLocks', options.bucket)
  const lease = checkLease(options.lease)
  return new Locks(new NatsClaims(new JetStream('natsLocks', connection), 'locks', bucket, lease))
}
