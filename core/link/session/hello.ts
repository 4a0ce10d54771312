import { ActorError } from '../../ground/errors.js'
import type { Limits } from '../../ground/limits.js'
import { areTexts, textOf } from '../../ground/text.js'
import { VERSION } from './op.js'

/**
 * Payloads in the form for batches, introductions, calls that follow another one, other connections for the same session: not
 * every side has the code for them. And whether the peer can end the realm.
 */
export type Feature = 'batches' | 'introductions' | 'pipelining' | 'ends' | 'resume'

/** The limits that each side tells the other. */
export const ANNOUNCED = ['frame', 'depth', 'nodes', 'calls', 'references', 'window'] as const

/** First frame of either side, and the answer to the other's. Sent again it changes nothing. */
export interface Hello {
  readonly version: number
  readonly id: string
  readonly nonce: string
  /** The nonce of the hello that this one answers; the token comes only with it. */
  readonly answer?: string
  readonly token?: string | undefined
  /** The version of the application. */
  readonly app?: string | undefined
  /** The session that goes on over this connection, and how many payloads of it came. */
  readonly resume?: { readonly session: string; readonly received: number } | undefined
  /** Says that the sender knows the shared key. Only a side that has one looks at it. */
  readonly proof?: unknown
  /** What else this side understands. */
  readonly features?: readonly Feature[]
  readonly limits: Pick<Limits, (typeof ANNOUNCED)[number]>
}

/** Throws `protocol` or `version` for what is none. */
export function readHello(value: unknown): Hello {
  if (!isRecord(value)) throw new ActorError('protocol', 'the peer does not speak this protocol')
  const { version, id, nonce, answer, token, features, limits, resume, app } = value
  if (version !== VERSION) {
    throw new ActorError(
      'version',
      `the peer speaks version ${typeof version === 'number' ? version : textOf(version, 16)} of the protocol, this side ${VERSION}; use the same major version of troupe on both`,
    )
  }
  if (
    !isText(id) ||
    id === '' ||
    !isText(nonce) ||
    ![answer, token, app].every(isOptional) ||
    !areTexts(features) ||
    !isResume(resume) ||
    !isRecord(limits) ||
    !ANNOUNCED.every((name) => isLimit(limits[name]))
  ) {
    throw new ActorError('protocol', 'the peer sent an invalid hello')
  }
  return value as unknown as Hello
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 255
const isOptional = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isResume = (value: unknown): boolean =>
  value === undefined || (isRecord(value) && isText(value['session']) && isCount(value['received']))
const isLimit = (value: unknown): value is number => typeof value === 'number' && value >= 1
