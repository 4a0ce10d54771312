import { expect, test } from 'vitest'
import { blueprintOf } from './blueprint.js'
import { Actor, Dispatcher } from '../index.js'

const names = (instance: object): string[] => [...blueprintOf(instance).methods.keys()].sort()
const properties = (instance: object): string[] => [...blueprintOf(instance).properties].sort()

class Base extends Actor {
  open(): void {}
  also(): void {}
  _hidden(): void {}
  override onStart(): void {}
  get getter(): never {
    throw new Error('getters are never run')
  }
}

test('own and inherited public methods are reachable, hooks and names with _ are not', () => {
  class Derived extends Base {
    more(): void {}
  }
  expect(names(new Derived())).toEqual(['also', 'more', 'open'])
})

test('a list says what is reachable, and names left out stay hidden', () => {
  class Listed extends Base {
    static exposed = ['listed']
    listed(): void {}
    unlisted(): void {}
  }
  class Below extends Listed {
    override unlisted(): void {}
    own(): void {}
  }
  class Again extends Below {
    static override exposed = ['unlisted']
  }
  expect(names(new Listed())).toEqual(['also', 'listed', 'open'])
  expect(names(new Below())).toEqual(['also', 'listed', 'open', 'own'])
  expect(names(new Again())).toEqual(['also', 'listed', 'open', 'own', 'unlisted'])
})

test('a method that a list names stays reachable where a class with a list of its own overrides it', () => {
  class Shop extends Actor {
    static exposed = ['buy']
    buy(): void {}
    count(): void {}
  }
  class Bakery extends Shop {
    static override exposed = ['bake']
    override buy(): void {}
    override count(): void {}
    bake(): void {}
    clean(): void {}
  }
  class Open extends Actor {
    bake(): void {}
  }
  class Closed extends Open {
    static exposed = []
    override bake(): void {}
  }
  expect(names(new Bakery())).toEqual(['bake', 'buy'])
  // No list names it: a list takes back what its own class defines anew.
  expect(names(new Closed())).toEqual([])
})

test('a list cannot expose what is never reachable', () => {
  class Sly extends Actor {
    static exposed = ['onStart', '_secret', 'constructor', 'then', '__proto__', 'ok']
    override onStart(): void {}
    _secret(): void {}
    then(): void {}
    ok(): void {}
  }
  expect(names(new Sly())).toEqual(['ok'])
})

test('a plain object offers its own functions, an instance only methods', () => {
  class Holder {
    callback = (): void => {}
    method(): void {}
  }
  expect(names({ add: () => 1, data: 2, _hidden: () => 3 })).toEqual(['add'])
  expect(names(new Holder())).toEqual(['method'])
})

test('the table is built once for each class', () => {
  expect(blueprintOf(new Base()).methods).toBe(blueprintOf(new Base()).methods)
})

test('lists name properties, too: fields and accessors, merged along the chain, and never methods', () => {
  class Room extends Base {
    static exposed = ['topic', 'size', 'open', 'later', 'enter']
    topic = ''
    secret = ''
    get size(): never {
      throw new Error('getters are never run')
    }
    get later(): number {
      return 1
    }
    enter(): void {}
  }
  class Hall extends Room {
    seats = 1
    override get size(): never {
      throw new Error('getters are never run')
    }
  }
  class Arena extends Hall {
    static override exposed = ['seats', 'secret']
    override get later(): number {
      return 2
    }
  }
  class Below extends Arena {
    override get later(): number {
      return 3
    }
  }
  expect(properties(new Base())).toEqual([])
  expect(properties(new Room())).toEqual(['later', 'size', 'topic'])
  expect(properties(new Hall())).toEqual(['later', 'size', 'topic'])
  // What one list names stays reachable where it is overridden.
  expect(properties(new Arena())).toEqual(['later', 'seats', 'secret', 'size', 'topic'])
  expect(properties(new Below())).toEqual(['later', 'seats', 'secret', 'size', 'topic'])
  expect(names(new Below())).toEqual(['also', 'enter', 'open'])
})

test('a list cannot expose properties that are never reachable, and a plain object has none', () => {
  class Sly extends Actor {
    static exposed = ['_x', 'then', 'context', 'constructor', '__proto__', 'toJSON', 'toString', 'onStart', 'ok']
    _x = 1
    ok = 1
  }
  expect(properties(new Sly())).toEqual(['ok'])
  expect(properties({ data: 1, exposed: ['data'] })).toEqual([])
})

test('a call of a field that holds a function is told how to write a method', async () => {
  class Arrow extends Actor {
    increment = (): number => 1
    _secret = (): number => 1
    count = 1
    get getter(): never {
      throw new Error('getters are never run')
    }
  }
  await using dispatcher = new Dispatcher({ log: () => {} })
  const arrow = await dispatcher.spawn(Arrow)
  const told =
    /'increment' is no method that may be called from outside: it is a field that holds a function; write a method/
  await expect(arrow.increment()).rejects.toThrow(told)
  await expect(arrow.increment()).rejects.toMatchObject({ code: 'not-exposed', ran: 'no' })
  for (const name of ['count', 'getter', 'nothing']) {
    const call = (arrow as unknown as Record<string, () => Promise<unknown>>)[name]!
    await expect(call()).rejects.toThrow(/may be called from outside$/)
  }
})

test('snapshot and restore are hooks together, and a method where there is but one of them', async () => {
  class Camera extends Actor {
    override snapshot(): string {
      return 'taken'
    }
  }
  class Kept extends Camera {
    override restore(): void {}
  }
  await using dispatcher = new Dispatcher()
  const camera = await dispatcher.spawn(Camera)
  expect(await camera.snapshot()).toBe('taken')
  const kept = await dispatcher.spawn(Kept)
  await expect(kept.snapshot()).rejects.toMatchObject({ code: 'not-exposed', ran: 'no' })
  await expect(kept.restore()).rejects.toMatchObject({ code: 'not-exposed', ran: 'no' })
})
