import {
  adaptive,
  type Connector,
  type Listener,
  listening,
  pair,
  type PairEnd,
  type PairOptions,
  single,
} from '../../core/adapter.js'

export type { PairOptions }

/** One end of a link inside this realm, for `connect` or for `listen`. */
export type MemoryEnd = Omit<PairEnd, 'open'> & Listener & Connector

/**
 * Makes the two ends of one link inside this realm. `connect` takes one, `listen` takes the other. Values are copied.
 */
export function memory(options: PairOptions = {}): readonly [MemoryEnd, MemoryEnd] {
  const [a, b] = pair({ codec: adaptive, ...options })
  return [memoryEnd(a), memoryEnd(b)]
}

function memoryEnd(end: PairEnd): MemoryEnd {
  const take = end.open.bind(end)
  const open = (...how: unknown[]): unknown => {
    const taken = take()
    return typeof how[0] === 'function' ? single(taken).open(...(how as Parameters<Listener['open']>)) : taken
  }
  return Object.assign(end, listening, { open }) as MemoryEnd
}
