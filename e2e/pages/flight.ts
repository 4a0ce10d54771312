import { ActorError, type Peer } from 'troupe'
import type { Idler } from './idler.js'

/** How calls in flight ended. */
export interface Landing {
  /** How many calls settled with which code; `resolved` and `untyped` should not be among them. */
  readonly codes: Record<string, number>
  /** When the last of them settled, in milliseconds of the wall clock. */
  readonly at: number
}

/** Sends `count` calls that nothing will answer; resolves when the other side has all of them. */
export async function takeOff(
  peer: Peer<{ Idler: typeof Idler }>,
  count: number,
): Promise<{ landing: Promise<Landing> }> {
  const idler = await peer.spawn('Idler')
  const witness = await peer.spawn('Idler')
  const landing = land(Array.from({ length: count }, () => outcome(idler.idle())))
  // Frames keep their order: when this answer is here, the calls before it have arrived.
  await witness.echo('arrived')
  return { landing }
}

/** Resolves when all have settled. */
export async function land(outcomes: Promise<string>[]): Promise<Landing> {
  const codes: Record<string, number> = {}
  for (const code of await Promise.all(outcomes)) codes[code] = (codes[code] ?? 0) + 1
  return { codes, at: Date.now() }
}

/** `code ran` of what a call rejects with. */
export const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'resolved',
    (error: unknown) => (error instanceof ActorError ? `${error.code} ${error.ran}` : 'untyped'),
  )
