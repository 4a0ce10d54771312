// What proxies cost the compiler: `proxy-cost.node.test.ts` counts the instantiations of this file against a bound.
import type { Actor } from '../actor/actor.js'
import type { Asking, Proxy, Referenced, Telling } from './proxy-types.js'

/** Reaches itself through everything that is mapped. */
export declare class Tree extends Actor {
  kids: Proxy<Tree>[]
  child(n: number): Tree
  self(): this
  parent(): Tree | undefined
  forest(): Forest
  finder(): (name: string) => Tree
  walk(each: (tree: Tree, depth: number) => Promise<Proxy<Tree>>): (again: boolean) => Tree
  cursor(): Referenced<Tree>
  add(kid: Proxy<Tree>, ...more: Proxy<Tree>[]): Proxy<Tree>
  leaves(): Generator<Proxy<Tree>>
  grow(): Promise<Proxy<Tree>>
}

export declare class Forest extends Tree {
  tree(): Tree
  forests(): (n: number) => (m: number) => Forest
}

export async function chain(tree: Proxy<Tree>): Promise<Proxy<Tree>> {
  const a = await (await (await (await tree.child(1)).child(2)).child(3)).child(4)
  const b = await (await (await (await a.self()).self()).forest()).tree()
  const c = await (await (await (await (await b.forest()).forests())(1))(2)).finder()
  const d = await (await c('x')).walk(async (each) => each.child(1))
  const e = await (await (await d(true)).cursor()).grow()
  for await (const leaf of e.leaves()) await e.add(leaf, leaf)
  const base: Proxy<Tree> = await tree.forest()
  return (await base.parent()) ?? base
}

/** Fifty methods, of every sort. */
export declare class Wide extends Actor {
  a0(): number
  a1(n: number): number
  a2(n: number, m?: string): string
  a3(): this
  a4(): Tree
  a5(tree: Proxy<Tree>): Proxy<Tree>
  a6(each: (n: number) => Promise<number>): void
  a7(): (n: number) => number
  a8(): Promise<void>
  a9(): AsyncGenerator<number>
  b0(): number
  b1(n: number): number
  b2(n: number, m?: string): string
  b3(): this
  b4(): Tree
  b5(tree: Proxy<Tree>): Proxy<Tree>
  b6(each: (n: number) => Promise<number>): void
  b7(): (n: number) => number
  b8(): Promise<void>
  b9(): AsyncGenerator<number>
  c0(): number
  c1(n: number): number
  c2(n: number, m?: string): string
  c3(): this
  c4(): Tree
  c5(tree: Proxy<Tree>): Proxy<Tree>
  c6(each: (n: number) => Promise<number>): void
  c7(): (n: number) => number
  c8(): Promise<void>
  c9(): AsyncGenerator<number>
  d0(): number
  d1(n: number): number
  d2(n: number, m?: string): string
  d3(): this
  d4(): Tree
  d5(tree: Proxy<Tree>): Proxy<Tree>
  d6(each: (n: number) => Promise<number>): void
  d7(): (n: number) => number
  d8(): Promise<void>
  d9(): AsyncGenerator<number>
  e0(): number
  e1(n: number): number
  e2(n: number, m?: string): string
  e3(): this
  e4(): Tree
  e5(tree: Proxy<Tree>): Proxy<Tree>
  e6(each: (n: number) => Promise<number>): void
  e7(): (n: number) => number
  e8(): Promise<void>
  e9(): AsyncGenerator<number>
}

/** Looks at every method, in each of the three ways. */
export type Looked = { [K in keyof Proxy<Wide>]: Proxy<Wide>[K] } & {
  [K in keyof Telling<Wide>]: Telling<Wide>[K]
}

export async function wide(actor: Proxy<Wide>, asked: Asking<Wide>, looked: Looked): Promise<unknown> {
  const { a0, b1, c2, d3, e4 } = looked
  for await (const n of actor.a9()) await asked.b6(() => n)
  return [await actor.a7(), await asked.a3(), a0, b1, c2, d3, e4]
}
