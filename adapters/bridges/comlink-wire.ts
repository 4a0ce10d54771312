import { ActorError } from '../../core/ground/errors.js'

/** A value as Comlink writes it down: as it is, or as one of its transfer handlers made it. */
export type WireValue =
  | { readonly type: 'RAW'; readonly value: unknown }
  | { readonly type: 'HANDLER'; readonly name: string; readonly value: unknown }

const REQUESTS = ['GET', 'SET', 'APPLY', 'CONSTRUCT', 'ENDPOINT', 'RELEASE'] as const

export interface Request {
  readonly id: string
  readonly type: (typeof REQUESTS)[number]
  readonly path?: readonly string[]
  readonly argumentList?: readonly WireValue[]
  /** Of a SET. */
  readonly value?: WireValue
}

export type Reply = WireValue & { readonly id: string }

/** Asked of a service only to see whether it answers: nothing that it has. */
export const PING = { id: 'troupe-ping', type: 'GET', path: ['troupe-ping'] } as const satisfies Request

/** What Comlink listens with. */
export type Listener<M> = (event: { readonly data: M }) => void

const isRecord = (data: unknown): data is Record<string, unknown> => typeof data === 'object' && data !== null

const isWireValue = (data: unknown): data is WireValue =>
  isRecord(data) && (data['type'] === 'RAW' || (data['type'] === 'HANDLER' && typeof data['name'] === 'string'))

/** What else goes through an endpoint is none of Comlink's: an application may use it too. */
export const isRequest = (data: unknown): data is Request =>
  isRecord(data) && typeof data['id'] === 'string' && REQUESTS.includes(data['type'] as never)

export const isReply = (data: unknown): data is Reply =>
  isRecord(data) && typeof data['id'] === 'string' && isWireValue(data)

/** Where a request leads; throws `malformed` if it says that in no readable way. */
export function pathOf({ path = [] }: Request): readonly string[] {
  if (Array.isArray(path) && path.every((name) => typeof name === 'string')) return path
  throw new ActorError('malformed', 'the path of a Comlink message is not a list of names')
}

export function argumentsOf({ type, value, argumentList = [] }: Request): readonly WireValue[] {
  const list: unknown = type === 'SET' ? [value] : argumentList
  if (Array.isArray(list) && list.every(isWireValue)) return list
  throw new ActorError('malformed', 'the arguments of a Comlink message are not a list')
}

/** What Comlink's `throw` handler would make of it, and the fields of an error too: `code` is one. */
export function thrown(error: unknown, showsStack: boolean): WireValue {
  if (!(error instanceof Error)) return thrownHere(error)
  const { name, message, stack, cause } = error
  const value = {
    ...(error as object),
    ...(cause !== undefined && { cause }),
    name,
    message,
    ...(showsStack && { stack }),
  }
  return { type: 'HANDLER', name: 'throw', value: { isError: true, value } }
}

/** What Comlink throws as it is, here where it never crosses anything. */
export const thrownHere = (error: unknown): WireValue => ({
  type: 'HANDLER',
  name: 'throw',
  value: { isError: false, value: error },
})

/** What is left of an error whose fields cannot be cloned. */
export function thrownBare(error: unknown): WireValue {
  const { name, message, code, ran } = error as ActorError
  return thrown(Object.assign(new Error(message), { name }, error instanceof ActorError && { code, ran }), false)
}
