// One measurement in a process of its own: row, contender, load, seconds to warm up, seconds to measure.
// Prints one line of JSON and ends by itself; a process that stays has left something open.
import { rate } from './rate.mjs'

const [row, contender, load, warmUp, duration] = process.argv.slice(2)
const { open } = await import(`./${row}/${contender}.mjs`)
const opened = await open(load)
console.log(JSON.stringify(await rate(opened, load, Number(warmUp), Number(duration))))
await opened.close()
