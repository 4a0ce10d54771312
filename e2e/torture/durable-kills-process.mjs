// node durable-kills-process.mjs <file>
// Counts in a durable actor as fast as it can, and says each number that was acknowledged.
import { writeSync } from 'node:fs'
import { Actor, Dispatcher, tell } from 'troupe'
import { durable } from 'troupe/durable'
import { openSqlite } from './open-sqlite.mjs'

class Ledger extends Actor {
  static durable = durable()
  #entries = 0
  #kept = 0
  snapshot() {
    return [this.#entries, this.#kept]
  }
  restore([entries, kept]) {
    this.#entries = entries
    this.#kept = kept
  }
  enter() {
    return ++this.#entries
  }
  keep() {
    this.#kept++
  }
  read() {
    return { entries: this.#entries, kept: this.#kept }
  }
}

const dispatcher = new Dispatcher({ store: openSqlite(process.argv[2]) })
const ledger = await dispatcher.spawn(Ledger, { name: 'ledger' })
const { entries, kept } = await ledger.read()
writeSync(1, `start ${entries} ${kept}\n`)

const loop = async () => {
  for (;;) writeSync(1, `entered ${await ledger.enter()}\n`)
}
const keep = async () => {
  for (;;) {
    writeSync(1, 'keep\n')
    await tell(ledger, { ack: 'stored' }).keep()
    writeSync(1, 'kept\n')
  }
}
await Promise.all([loop(), loop(), loop(), loop(), keep(), keep()])
