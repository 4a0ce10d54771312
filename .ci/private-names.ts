// The Vite plugin of the build for bundlers, dist/lean: private names are as short as can be, and the same in every module.
// webpack and Rspack shorten them too, but give each name of a bundle another one: some have three letters then, and
// what recurs in classes compresses worse. It makes about 1 kB of 27.
import MagicString from 'magic-string'
import { type ESTree, parseSync, type Plugin, Visitor } from 'vite'

const SOURCES = /\/(?:core|adapters)\/.*\.ts$/
/** Those that code has most of come first: they compress best. */
const LETTERS = 'etnrisouaflchpdvmgybwESxTNCkLAOMDPHBjFIqRUzWXVJKQGYZ'

export function privateNames(): Plugin {
  return {
    name: 'private-names',
    enforce: 'pre',
    transform(code, id) {
      if (!SOURCES.test(id)) return undefined
      const short = withShortNames(code)
      return { code: short.toString(), map: short.generateMap({ hires: 'boundary' }) }
    },
  }
}

/** The module with its private names replaced by one letter each: the more it is used, the earlier in LETTERS. */
export function withShortNames(code: string): MagicString {
  const uses = new Map<string, ESTree.Span[]>()
  new Visitor({
    PrivateIdentifier(node) {
      const known = uses.get(node.name)
      if (known) known.push(node)
      else uses.set(node.name, [node])
    },
  }).visit(parseSync('module.ts', code).program)
  const short = new MagicString(code)
  const sorted = [...uses.values()].sort((a, b) => b.length - a.length)
  for (const [place, spans] of sorted.entries())
    for (const { start, end } of spans) short.update(start, end, `#${nameAt(place)}`)
  return short
}

/** A letter for each place, then two for each. */
export const nameAt = (place: number): string =>
  place < LETTERS.length
    ? LETTERS[place]!
    : `${nameAt(Math.floor(place / LETTERS.length) - 1)}${nameAt(place % LETTERS.length)}`
