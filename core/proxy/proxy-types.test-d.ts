// Checked by the compiler alone: each line holds, or is an error where one is expected.
import { actor } from '../actor/plain.js'
import {
  Actor,
  ask,
  type Asking,
  type Dispatcher,
  type Peer,
  type Proxy,
  read,
  type Referenced,
  tell,
  write,
} from '../index.js'
import type { UseRead } from './proxy-types.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function holds<T extends true>(): T

export class Counter extends Actor {
  label = 'data'
  constructor(readonly start = 0) {
    super()
  }
  increment(by = 1): number {
    return by
  }
  async *countTo(n: number): AsyncGenerator<number> {
    yield n
  }
  *both(): Generator<string> {
    yield 'a'
  }
  async generic<T>(value: T): Promise<T> {
    return value
  }
  parse(text: string): Promise<string>
  parse(number: number): Promise<number>
  async parse(value: string | number): Promise<string | number> {
    return value
  }
  fails(): never {
    throw new Error('always')
  }
  override onStart(): void {}
  _hidden(): void {}
}

class Named extends Actor {
  constructor(readonly name: string) {
    super()
  }
  hello(): string {
    return this.name
  }
}

class Factory extends Actor {
  async make(): Promise<Proxy<Counter>> {
    return this.context.spawn(Counter)
  }
  self(): Proxy<Factory> {
    return this.context.self
  }
  async use(): Promise<number> {
    return this.context.ask(this.context.ask(this.self()).make(), { timeout: 500 }).increment()
  }
}

class Room extends Actor {
  join(_member: Proxy<Member>): number {
    return 1
  }
}

export class Member extends Actor {
  async enter(room: Proxy<Room>): Promise<number> {
    return room.join(this.context.self)
  }
}

export class Guest extends Member {
  leave(): void {}
}

interface Cursor {
  readonly at: number
  move(by: number): number
}

type Signal = InstanceType<typeof AbortSignal>
declare class AbortSignal {
  readonly aborted: boolean
}

export class Library extends Actor {
  static exposed = ['title', 'size', 'shelf', 'later', 'adder']
  title = 'untitled'
  readonly founded: number = 1900
  get size(): number {
    return 1
  }
  get shelf(): this {
    return this
  }
  get later(): Promise<number> {
    return Promise.resolve(1)
  }
  adder(by: number): (n: number) => number {
    return (n) => n + by
  }
  grower(): () => () => Library {
    return () => () => this
  }
  counter(): (to: number) => Generator<number> {
    return function* (to) {
      yield to
    }
  }
  parser(): <T>(value: T) => Promise<T> {
    return async (value) => value
  }
  me(): this {
    return this
  }
  branch(): Library | undefined {
    return undefined
  }
  open(): Referenced<Cursor> {
    throw new Error('elsewhere')
  }
  friend(other: Proxy<Member>): Proxy<Member> {
    return other
  }
  subscribe(onBook: (title: string) => number | Promise<number>): void {
    void onBook('t')
  }
  visit(each?: (library: Library, n: number) => Promise<number>): void {
    void each?.(this, 1)
  }
  plain(what: { date: Date; map: Map<string, number>; bytes: Uint8Array; signal: Signal }): typeof what {
    return what
  }
  anything(value: unknown, ...rest: (() => Promise<number>)[]): unknown {
    return [value, rest]
  }
  either(flag: boolean): 'a' | 1 | boolean {
    return flag
  }
}

export class Tree extends Actor {
  kids: Proxy<Tree>[] = []
  add(kid: Proxy<Tree>): number {
    return this.kids.push(kid)
  }
  async grow(): Promise<void> {
    const kid = await this.context.spawn(Tree)
    await kid.add(this.context.self)
    this.add(kid)
  }
}

export class Plain {
  value(): 1 {
    return 1
  }
  maybe?(by: number): number
  note?: string
}

export async function proxies(counter: Proxy<Counter>, guest: Proxy<Guest>): Promise<void> {
  holds<Equal<ReturnType<typeof counter.increment>, Promise<number>>>()
  holds<Equal<ReturnType<typeof counter.countTo>, AsyncIterable<number>>>()
  holds<Equal<ReturnType<typeof counter.both>, AsyncIterable<string>>>()
  holds<Equal<ReturnType<typeof counter.fails>, Promise<never>>>()
  holds<Equal<typeof counter.label, UseRead>>()
  const literal: 5 = await counter.generic(5 as const)
  const text: string = await counter.parse('x')
  const number: number = await counter.parse(1)
  for await (const n of counter.countTo(literal)) n.toFixed()
  const base: Proxy<Member> = guest
  void [text, number, base]
  // @ts-expect-error arguments are checked
  await counter.increment('2')
  // @ts-expect-error there is no such method
  await counter.nothing()
  // @ts-expect-error a property is not to be had of a proxy
  const label: string = counter.label
  // @ts-expect-error nor is it set
  counter.label = 'new'
  // @ts-expect-error hooks are not reachable
  await counter.onStart()
  // @ts-expect-error nor is the context
  counter.context.self
  // @ts-expect-error nor are names that start with _
  await counter._hidden()
  // @ts-expect-error a proxy of the base is no proxy of what extends it
  const narrow: Proxy<Guest> = base
  void [narrow, label]
}

export async function optional(plain: Proxy<Plain>): Promise<void> {
  const n: number = await plain.maybe(1)
  void n
  // @ts-expect-error a property that may be left out is none of a proxy either
  const note: string | undefined = plain.note
  void note
}

export async function values(library: Proxy<Library>, member: Proxy<Member>): Promise<void> {
  holds<Equal<ReturnType<typeof library.me>, Promise<Proxy<Library>>>>()
  holds<Equal<ReturnType<typeof library.branch>, Promise<Proxy<Library> | undefined>>>()
  holds<Equal<ReturnType<typeof library.open>, Promise<Proxy<Cursor>>>>()
  holds<Equal<ReturnType<typeof library.friend>, Promise<Proxy<Member>>>>()
  holds<Equal<ReturnType<typeof library.either>, Promise<'a' | 1 | boolean>>>()
  holds<Equal<Parameters<typeof library.plain>, Parameters<Library['plain']>>>()
  holds<Equal<ReturnType<typeof library.plain>, Promise<ReturnType<Library['plain']>>>>()
  holds<Equal<ReturnType<typeof library.anything>, Promise<unknown>>>()
  const adder = await library.adder(5)
  holds<Equal<typeof adder, (n: number) => Promise<number>>>()
  const root: Proxy<Library> = await (await (await library.grower())())()
  for await (const n of (await library.counter())(3)) n.toFixed()
  const literal: 5 = await (await library.parser())(5 as const)
  const moved: number = await (await library.open()).move(1)
  const position: number = await read(await library.open(), 'at')
  await library.friend(member)
  await library.subscribe((title) => title.length)
  await library.subscribe(async (title) => title.length)
  await library.visit((guest: Proxy<Library>, n) => guest.adder(n).then(() => 1))
  await library.visit((_, n) => n)
  await library.visit()
  tell(library).visit((_, n) => n)
  await library.anything(
    1,
    () => 2,
    async () => 3,
  )
  void [root, literal, moved, position]
  // @ts-expect-error what a callback returns is checked
  await library.subscribe((title) => title)
  // @ts-expect-error and what it takes
  await library.subscribe((title: number) => title)
  // @ts-expect-error it is given a proxy, not the actor
  await library.visit((_guest: Library) => 1)
  // @ts-expect-error a function is awaited as a method is
  const wrong: number = adder(1)
  // @ts-expect-error only a proxy of what is wanted
  await library.friend(library)
  void wrong
}

export async function properties(library: Proxy<Library>): Promise<void> {
  const title = await read(library, 'title')
  holds<Equal<typeof title, string>>()
  const shelf = await read(library, 'shelf')
  holds<Equal<typeof shelf, Proxy<Library>>>()
  const later: number = await read(library, 'later')
  const size: number = await read(library, 'size', { timeout: 100 })
  const nothing: void = await write(library, 'title', 'titled')
  void [later, size, nothing]
  // @ts-expect-error the value is checked
  await write(library, 'title', 1)
  // @ts-expect-error a method is called, not read
  await read(library, 'adder')
  // @ts-expect-error nor is it written
  await write(library, 'adder', () => () => 1)
  // @ts-expect-error there is no such property
  await read(library, 'nothing')
  // @ts-expect-error the context is out of reach
  await read(library, 'context')
  // @ts-expect-error what is readonly is not written
  await write(library, 'founded', 1901)
  // @ts-expect-error nor what has no setter
  await write(library, 'size', 2)
  // @ts-expect-error only proxies are read
  await read({ title: '' }, 'title')
}

export async function verbs(counter: Proxy<Counter>): Promise<void> {
  const sum: number = await ask(counter, { timeout: 500 }).increment(2)
  const nothing: void = tell(counter).increment()
  void [sum, nothing]
  // @ts-expect-error the options are checked
  await ask(counter, { timeout: '1s' }).increment()
  // @ts-expect-error only proxies are asked
  ask({ increment: 1 }).increment()
}

export async function pipelining(
  factory: Proxy<Factory>,
  peer: Peer<{ Counter: typeof Counter }>,
  either: Proxy<Counter> | Promise<Proxy<Counter>>,
): Promise<void> {
  const made = ask(factory.make(), { timeout: 500 }).increment()
  holds<Equal<typeof made, Promise<number>>>()
  const deeper = ask(ask(factory.self()).make())
  holds<Equal<typeof deeper, Asking<Counter>>>()
  const literal: 5 = await deeper.generic(5 as const)
  for await (const n of ask(peer.spawn('Counter')).countTo(literal)) n.toFixed()
  const sum: number = await ask(either).increment()
  const base: Asking<Member> = ask(Promise.resolve({} as Proxy<Guest>))
  const like: string = await ask({} as PromiseLike<Proxy<Counter>>).parse('x')
  void [sum, base, like]
  // @ts-expect-error arguments are checked
  await ask(factory.make()).increment('2')
  // @ts-expect-error there is no such method
  await ask(factory.make()).make()
  // @ts-expect-error only what brings a proxy is asked
  ask(made).toFixed()
  // @ts-expect-error a lookup may find nothing
  await ask(peer.lookup<Counter>('c')).increment()
  // @ts-expect-error a promise is not told
  tell(factory.make()).increment()
}

export async function spawning(
  dispatcher: Dispatcher,
  peer: Peer<{ Counter: typeof Counter; Named: typeof Named; room: Room }>,
): Promise<void> {
  const counter: Proxy<Counter> = await dispatcher.spawn(Counter)
  await dispatcher.spawn(Counter, { args: [1], name: 'c' })
  await dispatcher.spawn(Named, { args: ['n'] })
  const plain: Proxy<Plain> = await dispatcher.spawn(actor(Plain))
  const there: Proxy<Named> = await peer.spawn('Named', { args: ['n'] })
  const found: Proxy<Counter> | undefined = await peer.lookup<Counter>('c')
  void [counter, plain, there, found]
  await using owned = await dispatcher.spawn(Counter)
  await owned.increment()
  // @ts-expect-error arguments are required where the constructor requires them
  await dispatcher.spawn(Named)
  // @ts-expect-error and checked
  await dispatcher.spawn(Named, { args: [1] })
  // @ts-expect-error on the other side too
  await peer.spawn('Named')
  // @ts-expect-error only keys that are offered
  await peer.spawn('Missing')
  // @ts-expect-error an object is running already: it is looked up, not spawned
  await peer.spawn('room')
}

/** Nothing is known of what an unknown peer offers: any key may be asked for. */
export async function unknownPeer(peer: Peer): Promise<void> {
  const made = await peer.spawn('Counter', { args: [1], name: 'c' })
  holds<Equal<typeof made, Proxy<unknown>>>()
  // @ts-expect-error a key is a string
  await peer.spawn(1)
}
