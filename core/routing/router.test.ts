import { describe, expect, it } from 'vitest'
import { ActorError } from '../ground/errors.js'
import { type Candidate, hash, leastBusy, random, roundRobin, type Router } from './router.js'

const named = (...ids: string[]): Candidate[] => ids.map((id) => ({ id, running: 0 }))
const call = { method: 'add', args: [1] }
const chosen = (router: Router, candidates: Candidate[], times: number, next = Math.random): string[] =>
  Array.from({ length: times }, (_, turn) => candidates[router({ method: 'add', args: [turn] }, candidates, next)]!.id)

describe('routers', () => {
  it('roundRobin gives the calls to one after the other', () => {
    expect(chosen(roundRobin(), named('a', 'b'), 4)).toEqual(['a', 'b', 'a', 'b'])
  })

  it('leastBusy takes the one with the fewest running, and turns among equal ones', () => {
    const router = leastBusy()
    const candidates = [
      { id: 'a', running: 2 },
      { id: 'b', running: 1 },
      { id: 'c', running: 1 },
    ]
    expect(chosen(router, candidates, 3)).toEqual(['b', 'c', 'b'])
    expect(chosen(router, candidates.slice(0, 1), 1)).toEqual(['a'])
  })

  it('random takes each by the number that it is given', () => {
    expect(chosen(random(), named('a', 'b', 'c'), 1, () => 0)).toEqual(['a'])
    expect(chosen(random(), named('a', 'b', 'c'), 1, () => 0.999)).toEqual(['c'])
  })

  it('hash gives equal keys to the same one, and spreads keys evenly', () => {
    const router = hash((_, key: number) => key)
    const candidates = named('a', 'b', 'c', 'd')
    const first = chosen(router, candidates, 1_000)
    expect(chosen(router, candidates, 1_000)).toEqual(first)
    for (const { id } of candidates) expect(first.filter((other) => other === id).length).toBeGreaterThan(180)
  })

  it('hash moves about 1 of n + 1 keys to a further one, and no other key', () => {
    const router = hash((_, key: number) => key)
    const before = chosen(router, named('a', 'b', 'c', 'd'), 1_000)
    const after = chosen(router, named('a', 'b', 'c', 'd', 'e'), 1_000)
    const moved = after.filter((id, index) => id !== before[index])
    expect(new Set(moved)).toEqual(new Set(['e']))
    expect(moved.length).toBeGreaterThan(140)
    expect(moved.length).toBeLessThan(260)
  })

  it('hash refuses what is no key, and what is no function', () => {
    expect(() => hash((() => undefined) as never)(call, named('a'), Math.random)).toThrow(
      'the key of add() must be one of string, number, bigint, boolean, not undefined',
    )
    expect(() => hash('user' as never)).toThrow(ActorError)
  })
})
