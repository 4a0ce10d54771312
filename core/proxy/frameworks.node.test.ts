import { isProxy, isReactive, isReadonly, isRef, markRaw, reactive, readonly, ref, toRaw } from '@vue/reactivity'
import { isObservable, observable, runInAction } from 'mobx'
import { expect, test } from 'vitest'
import { Actor, Dispatcher, type Proxy } from '../index.js'

class Counter extends Actor {
  #count = 0
  increment(): number {
    return ++this.#count
  }
}

const spawned = async (dispatcher: Dispatcher): Promise<Proxy<Counter>> =>
  dispatcher.spawn(Counter, { name: 'counter' })

test('a proxy in a template string is its kind and path', async () => {
  await using dispatcher = new Dispatcher()
  const counter = await spawned(dispatcher)
  expect(`${String(counter)}`).toBe('Proxy(Counter /counter)')
  expect('counter: ' + (counter as unknown as string)).toBe('counter: Proxy(Counter /counter)')
  expect(Object.prototype.toString.call(counter)).toBe('[object Proxy]')
})

test('Vue takes a proxy for a value, and not for one of its own', async () => {
  await using dispatcher = new Dispatcher()
  const counter = await spawned(dispatcher)
  expect([isProxy(counter), isReadonly(counter), isReactive(counter), isRef(counter)]).toEqual(Array(4).fill(false))
  expect(toRaw(counter)).toBe(counter)
  expect(markRaw(counter)).toBe(counter)
  expect(ref(counter).value).toBe(counter)
  for (const state of [reactive({ counter }), readonly({ counter })]) {
    expect(state.counter).toBe(counter)
    expect(await state.counter.increment()).toBeGreaterThan(0)
  }
})

test('MobX keeps a proxy in a store as it is', async () => {
  await using dispatcher = new Dispatcher()
  const counter = await spawned(dispatcher)
  const store = observable<{ counter: Proxy<Counter> | undefined; list: Proxy<Counter>[] }>({ counter, list: [] })
  runInAction(() => store.list.push(counter))
  expect(store.counter).toBe(counter)
  expect(store.list[0]).toBe(counter)
  expect(isObservable(store.counter)).toBe(false)
  expect(await store.counter!.increment()).toBe(1)
})
