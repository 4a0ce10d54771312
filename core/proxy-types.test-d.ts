// Checked by the compiler alone: each line holds, or is an error where one is expected.
import { Actor, ask, type Dispatcher, type Peer, type Proxy, tell } from './index.js'

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
}

export async function proxies(counter: Proxy<Counter>, guest: Proxy<Guest>): Promise<void> {
  holds<Equal<ReturnType<typeof counter.increment>, Promise<number>>>()
  holds<Equal<ReturnType<typeof counter.countTo>, AsyncIterable<number>>>()
  holds<Equal<ReturnType<typeof counter.both>, AsyncIterable<string>>>()
  holds<Equal<ReturnType<typeof counter.fails>, Promise<never>>>()
  holds<Equal<typeof counter.label, never>>()
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
  // @ts-expect-error hooks are not reachable
  await counter.onStart()
  // @ts-expect-error nor is the context
  counter.context.self
  // @ts-expect-error nor are names that start with _
  await counter._hidden()
  // @ts-expect-error a proxy of the base is no proxy of what extends it
  const narrow: Proxy<Guest> = base
  void narrow
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

export async function spawning(
  dispatcher: Dispatcher,
  peer: Peer<{ Counter: typeof Counter; Named: typeof Named; room: Room }>,
): Promise<void> {
  const counter: Proxy<Counter> = await dispatcher.spawn(Counter)
  await dispatcher.spawn(Counter, { args: [1], name: 'c' })
  await dispatcher.spawn(Named, { args: ['n'] })
  const plain: Proxy<Plain> = await dispatcher.spawn(Plain)
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
