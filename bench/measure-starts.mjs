// All starts of one row in one process: row, number of starts. Prints one line of JSON and ends by itself.
import { starts } from './starts.mjs'

const [row, count] = process.argv.slice(2)
const { contenders } = await import(`./${row}/row.mjs`)
const load = async (name) => [name, (await import(`./${row}/${name}.mjs`)).start]
const starting = Object.fromEntries(await Promise.all(contenders.map(load)))
console.log(JSON.stringify(await starts(starting, Number(count))))
