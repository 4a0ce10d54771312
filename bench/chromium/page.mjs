import { rate } from '../rate.mjs'

const files = import.meta.glob([
  '../{web-worker,shared-worker,broadcast-channel,brokered-port,transfer-worker}/*.mjs',
  '!../*/{*-worker,row}.mjs',
])
const open = async (row, name) => (await files[`../${row}/${name}.mjs`]()).open()

/** Called from outside: a contender is measured in one page, and may have its other side in another. */
globalThis.bench = {
  run: async (row, other) => void (await open(row, other)),
  measure: async (row, contender, ...how) => rate(await open(row, contender), ...how),
}
