import type { Dispatcher } from '../../core/index.js'
import { checkOptions } from '../base/options.js'
import { checkBucket } from '../engines/bucket.js'
import { JetStream } from '../engines/jetstream.js'
import { ClusterDirectory } from './cluster-directory.js'
import { checkLease } from './lease.js'
import { NatsClaims } from './nats-claims.js'

/** The options of `natsDirectory`. */
export interface NatsDirectoryOptions {
  /** The name of the directory: letters, digits, `_` and `-`. `troupe` unless given. */
  readonly bucket?: string
  /** Milliseconds after which the names of a process that ended are free. 10,000 unless given. It belongs to the bucket. */
  readonly lease?: number
}

/**
 * Names of actors that are unique among all processes which use this NATS server and this bucket. They are kept by JetStream,
 * in the stream `troupe_names_<bucket>`, which is made where it is missing.
 *
 * Takes the dispatcher whose actors get names, and a connection, which stays the user's. Throws `malformed` for anything else.
 */
export function natsDirectory(
  dispatcher: Dispatcher,
  connection: object,
  options: NatsDirectoryOptions = {},
): ClusterDirectory {
  checkOptions('natsDirectory', options, ['bucket', 'lease'])
  const bucket = checkBucket('natsDirectory', options.bucket)
  const lease = checkLease(options.lease)
  const claims = new NatsClaims(new JetStream('natsDirectory', connection), 'names', bucket, lease)
  return new ClusterDirectory('natsDirectory', dispatcher, claims)
}
