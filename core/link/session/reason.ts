import { ActorError, type ErrorCode } from '../../ground/errors.js'
import { textOf } from '../../ground/text.js'
import { isRecord } from './hello.js'

/** Why the peer closes the link. Undefined if an earlier link is meant. */
export function readReason(value: unknown, nonce: string): ActorError | undefined {
  const { code, text, to = nonce } = isRecord(value) ? value : {}
  if (to !== nonce) return undefined
  const known = (typeof code === 'string' ? code : 'protocol') as ErrorCode
  return new ActorError(known, `the peer closed the link: ${textOf(text, 1_000).replace('[troupe] ', '')}`)
}
