import { describe, expect, test } from 'vitest'
import { TRUSTED } from '../../ground/limits.js'
import { adaptive } from '../../wire/adaptive.js'
import { bytes } from '../../wire/bytes.js'
import type { Codec } from '../../wire/codec.js'
import { flat } from '../../wire/flat.js'
import type { PairOptions } from '../../transport/pair.js'
import { CodecFuzz } from './codec-fuzz.js'
import { LinkFuzz } from './link-fuzz.js'
import { watchPrototypes } from './prototypes.js'
import { Strays } from './strays.js'

// FUZZ_SEED=n tries the case of that seed alone; TORTURE=1 is `npm run torture fuzz`.
const { FUZZ_SEED: only, TORTURE } =
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {}
const isTorture = TORTURE !== undefined
const MINUTES = 60_000

const seeds = (count: number): { from: number; to: number } =>
  only === undefined ? { from: 1, to: count } : { from: Number(only), to: Number(only) }

describe('a codec', () => {
  const CODECS: [name: string, codec: Codec, limit: number][] = [
    ['bytes', bytes, TRUSTED.frame],
    ['flat', flat, Infinity],
    ['adaptive', adaptive, Infinity],
  ]
  test.each(CODECS)(
    '%s reads payloads or refuses them with a code, whatever they are',
    async (name, codec, limit) => {
      const fuzz = new CodecFuzz(codec, limit)
      const { tally } = fuzz
      const changes = watchPrototypes()
      const strays = new Strays()
      const began = performance.now()
      const { from, to } = seeds(isTorture ? 1_000_000 : 200_000)
      for (let seed = from; seed <= to && tally.faults.length < 5; seed++) {
        fuzz.try(seed)
        if (seed % 1_000 !== 0 && seed !== to) continue
        const faults = [...changes(), ...(await strays.taken())]
        tally.faults.push(...faults.map((fault) => `seeds up to ${seed}: ${fault}`))
      }
      strays.end()
      console.log(
        `${name}: ${to - from + 1} payloads in ${((performance.now() - began) / 1_000).toFixed(1)} s, ${tally.read} read ` +
          `and ${tally.refused} refused`,
      )
      expect(tally.faults).toEqual([])
      // Both kinds are common, so that the one is not all that is tried.
      expect(Math.min(tally.read, tally.refused)).toBeGreaterThanOrEqual(Math.floor((to - from) / 10))
    },
    10 * MINUTES,
  )
})

describe('a link', () => {
  const untrusted = { trusted: false } as const
  const LINKS: [name: string, options: PairOptions][] = [
    ['of bytes, not trusted', { codec: bytes, payload: 'bytes', ...untrusted }],
    ['of bytes', { codec: bytes, payload: 'bytes' }],
    ['of clones, not trusted', { codec: flat, ...untrusted }],
    ['of clones', { codec: flat }],
    ['of both forms, not trusted', { codec: adaptive, ...untrusted }],
    ['of both forms', { codec: adaptive }],
  ]
  test.each(LINKS)(
    '%s stands any frame: what a peer breaks is its own link, and nothing is left of it',
    async (name, options) => {
      const fuzz = new LinkFuzz(options)
      const { tally, faults } = fuzz
      const changes = watchPrototypes()
      const strays = new Strays()
      const began = performance.now()
      const { from, to } = seeds(isTorture ? 400 : 50)
      for (let seed = from; seed <= to && faults.length < 5; seed++) {
        await fuzz.round(seed)
        faults.push(...[...changes(), ...(await strays.taken())].map((fault) => `seed ${seed}: ${fault}`))
      }
      strays.end()
      console.log(
        `a link ${name}: ${tally.frames} frames over ${tally.links} links in ${((performance.now() - began) / 1_000).toFixed(1)} s; ` +
          `${tally.cut} were ended, ${tally.calls} calls came back`,
      )
      expect(faults).toEqual([])
    },
    10 * MINUTES,
  )
})
