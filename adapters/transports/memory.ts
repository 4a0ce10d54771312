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

/** Two ends of one link inside this realm, the reference for every other transport: give one to `connect`, one to `listen`. */
export function memory(options: PairOptions = {}): readonly [MemoryEnd, MemoryEnd] {
  const [a, b] = pair({ codec: adaptive, ...options })
  return [memoryEnd(a), memoryEnd(b)]
}

function memoryEnd(end: PairEnd): MemoryEnd {
  const open = (to: unknown): unknown =>
    typeof to === 'function' ? single(end).open(to as Parameters<Listener['open']>[0], 0) : end
  return Object.assign(end, listening, { open }) as MemoryEnd
}
