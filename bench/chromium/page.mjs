import { rate } from '../rate.mjs'
import { starts } from '../starts.mjs'
import { rateOf } from '../stores/commits.mjs'

const files = import.meta.glob([
  '../{web-worker,shared-worker,broadcast-channel,brokered-port,transfer-worker,start-worker,durable-indexeddb}/*.mjs',
  '!../*/{*-worker,row}.mjs',
])
const load = (row, name) => files[`../${row}/${name}.mjs`]()
const open = async (row, name) => (await load(row, name)).open()

let stores

/** Called from outside: a contender is measured in one page, and may have its other side in another. */
globalThis.bench = {
  run: async (row, other) => void (await open(row, other)),
  measure: async (row, contender, ...how) => rate(await open(row, contender), ...how),
  /** Durable commits per second in IndexedDB. */
  commits: async (contender, ...how) => {
    stores ??= (await import('../stores/indexeddb.mjs')).contenders()
    return rateOf((await stores)[contender], ...how)
  },
  starts: async (row, contenders, count) => {
    const loaded = contenders.map(async (name) => [name, (await load(row, name)).start])
    return starts(Object.fromEntries(await Promise.all(loaded)), count)
  },
}
