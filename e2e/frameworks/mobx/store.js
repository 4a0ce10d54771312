// Exits with an error unless a store keeps a proxy as it is.
import assert from 'node:assert/strict'
import { autorun, flowResult, isObservable, makeAutoObservable, observable, reaction, runInAction, toJS } from 'mobx'
import { linkedPair } from 'troupe/testing'
import { Ledger } from './ledger.js'

class Store {
  ledger = undefined
  list = []
  sum = 0

  constructor() {
    makeAutoObservable(this)
  }

  *add(a, b) {
    this.sum = yield this.ledger.add(a, b)
  }
}

const { peer, close } = await linkedPair({ actors: { Ledger } })
const ledger = await peer.spawn('Ledger')
const store = new Store()
const seen = []
autorun(() => seen.push(store.ledger))
reaction(
  () => store.list.slice(),
  (list) => seen.push(...list),
)
runInAction(() => {
  store.ledger = ledger
  store.list.push(ledger)
})
assert(seen.length === 3 && seen[1] === ledger && seen[2] === ledger)
assert(!isObservable(store.ledger) && store.list[0] === ledger)
assert(observable.box(ledger).get() === ledger && observable.map({ ledger }).get('ledger') === ledger)
assert(observable({ deep: { ledger } }).deep.ledger === ledger && toJS(store).ledger === ledger)
await flowResult(store.add(1, 2))
assert.equal(store.sum, 3)
assert.equal(await ledger.calls(), 1)
await close()
console.log('a proxy stays a proxy in fields, lists, boxes, maps and copies; the one call reached the actor')
