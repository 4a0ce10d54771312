import { ActorError, type ErrorCode } from '../ground/errors.js'

/** Fails the test; the suite brings its own so that it runs under any runner. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  if (!Object.is(actual, expected)) throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`)
}

/** Equal as JSON sees it. */
export const alike = (actual: unknown, expected: unknown, what = 'value'): void =>
  equal(JSON.stringify(actual), JSON.stringify(expected), what)

/** Waits for a rejection with an ActorError of this code. */
export async function rejects(promise: Promise<unknown>, ...codes: ErrorCode[]): Promise<ActorError> {
  const error = await thrown(promise)
  assert(error instanceof ActorError, `expected an ActorError (${codes.join(' or ')}), got ${show(error)}`)
  assert(codes.includes(error.code), `expected ${codes.join(' or ')}, got ${error.code}: ${error.message}`)
  return error
}

/** What a promise was rejected with. */
export const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${show(value)}`)
    },
    (error: unknown) => error,
  )

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
