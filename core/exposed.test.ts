import { expect, test } from 'vitest'
import { exposedMethods } from './exposed.js'
import { Actor } from './index.js'

const names = (instance: object): string[] => [...exposedMethods(instance).keys()].sort()

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
  expect(exposedMethods(new Base())).toBe(exposedMethods(new Base()))
})
