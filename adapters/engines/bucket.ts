import { ActorError } from '../../core/adapter.js'
import { given } from '../base/given.js'

/** The name of a bucket, `troupe` unless given. Throws `malformed`. `name` is the function that was called. */
export function checkBucket(name: string, bucket: unknown = 'troupe'): string {
  if (typeof bucket === 'string' && /^[\w-]{1,100}$/.test(bucket)) return bucket
  const rule = 'a text of 1 to 100 letters, digits and the characters _ -'
  throw new ActorError('malformed', `the bucket of ${name} must be ${rule}, not ${given(bucket)}`)
}
