import { ActorError, type ErrorCode } from '../../ground/errors.js'

const CODES: Readonly<Record<ErrorCode, true>> = {
  timeout: true,
  aborted: true,
  unreachable: true,
  unknown: true,
  stopped: true,
  'not-found': true,
  'not-exposed': true,
  'id-in-use': true,
  'name-taken': true,
  'start-failed': true,
  overloaded: true,
  cycle: true,
  escalated: true,
  'not-restartable': true,
  'not-movable': true,
  'empty-group': true,
  uncloneable: true,
  'too-large': true,
  'too-deep': true,
  malformed: true,
  protocol: true,
  version: true,
  unauthorized: true,
  origin: true,
  'handshake-timeout': true,
  quota: true,
  expired: true,
  released: true,
  'stored-failed': true,
  'no-worker': true,
}

/** Whether it is an ActorError with one of the documented codes. */
export const isCoded = (error: unknown): boolean => error instanceof ActorError && isCode(error.code)

export const isCode = (code: unknown): boolean => typeof code === 'string' && Object.hasOwn(CODES, code)
