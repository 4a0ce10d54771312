import { Actor } from '../../actor/actor.js'
import { isSignal, onAbort } from '../../ground/abort.js'
import { isReadable, isWritable } from '../../ground/platform-streams.js'
import { refOf } from '../../proxy/proxy.js'
import { address, ask, tell } from '../../proxy/verbs.js'
import type { Proxy } from '../../proxy/proxy-types.js'
import type { Readable, Writable } from '../conduit.js'

/** The argument of a call that waits for its reply. */
export const SURE = 'surely a call'

/** What the hostile side calls: uses all that it is handed, and returns one of everything. */
export class Target extends Actor {
  static readonly concurrency = Infinity
  static exposed = ['take', 'echo', 'fail', 'wait', 'count', 'give', 'level', 'self']
  /** Calls of targets to what they were handed and how many have settled; handlers that waited and how many have ended. */
  static calls = { made: 0, settled: 0, begun: 0, ended: 0 }
  level: unknown = 0

  /** Calls, reads, writes and awaits what it was handed. */
  async take(...values: unknown[]): Promise<number> {
    const { context } = this
    const uses = values.flatMap((value) => findUses(value, new Set(), context.dispatcher.id))
    for (const use of uses) await settled(use)
    return uses.length + (context.signal.aborted ? 1 : 0)
  }

  echo(...values: unknown[]): unknown {
    return values
  }

  fail(value: unknown): never {
    throw value
  }

  /** Ends when the caller gives up, and is counted if the caller surely waits: one-way messages have none. */
  async wait(sure?: unknown): Promise<void> {
    const { signal } = this.context
    const { calls } = Target
    if (sure === SURE) calls.begun++
    await new Promise<void>((resolve) => onAbort(signal, () => resolve()))
    if (sure === SURE) calls.ended++
  }

  async *count(...values: unknown[]): AsyncGenerator<unknown> {
    for (let n = 0; n < 3; n++) yield n
    yield* values
  }

  give(what: unknown): unknown {
    const all = [() => 1, this.count(1), this.context.self, this.context.signal, new Map([[1, () => 2]])]
    return typeof what === 'number' ? all[what % all.length] : all
  }

  self(): unknown {
    return this.context.self
  }
}

export const targetMethods = ['take', 'take', 'take', 'echo', 'fail', 'wait', 'count', 'give', 'level', 'self']

async function settled(use: () => Promise<unknown>): Promise<void> {
  const { calls } = Target
  calls.made++
  try {
    await use()
  } catch {
    // Whatever the other side throws.
  } finally {
    calls.settled++
  }
}

/** What can be done with the references in a value that are not of the realm with the id `own`. */
function findUses(value: unknown, seen: Set<unknown>, own: string): (() => Promise<unknown>)[] {
  if (typeof value === 'function') return [async () => (value as (n: number) => unknown)(1)]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  if (refOf(value)) {
    const proxy = value as Proxy<{ method(value: unknown): unknown }>
    // What came home may be suspended: a call waits for it as long as it says, whatever becomes of the peer.
    if (address(proxy).realm === own) return []
    tell(proxy).method(1)
    return [async () => ask(proxy, { timeout: 5_000 }).method({ a: 1 })]
  }
  if (isSignal(value)) return []
  if (isReadable(value)) return [() => readAll(value as unknown as Readable<unknown>)]
  if (isWritable(value)) return [() => writeTo(value as unknown as Writable<unknown>)]
  if (Symbol.asyncIterator in value) return [() => iterate(value as unknown as AsyncIterable<unknown>)]
  const parts: Iterable<unknown> =
    value instanceof Map || value instanceof Set ? [...value].flat() : Object.values(value).slice(0, 20)
  return [...parts].flatMap((part) => findUses(part, seen, own))
}

async function readAll(stream: Readable<unknown>): Promise<void> {
  const reader = stream.getReader()
  for (let n = 0; n < 3 && !(await reader.read()).done; n++);
  await reader.cancel('enough')
}

async function writeTo(stream: Writable<unknown>): Promise<void> {
  const writer = stream.getWriter()
  writer.closed.catch(() => {})
  for (let n = 0; n < 3; n++) await writer.write(n)
  await writer.close()
}

async function iterate(stream: AsyncIterable<unknown>): Promise<void> {
  let count = 0
  for await (const _ of stream) if (++count === 3) break
}
