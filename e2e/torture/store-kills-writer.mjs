// node store-kills-writer.mjs FILE NAME LAST
// Commits the numbers after LAST as fast as it can, and prints the last of each call once it is told that they are stored.
import { writeSync } from 'node:fs'
import { countKey, countValue, openStore, recordsOf, sizeOf } from './store-kills-records.mjs'

const [file, name, last] = process.argv.slice(2)
const key = countKey(name)
const valueOf = (n) => (n === 0 ? undefined : countValue(n))
const { store } = openStore(file)
for (let n = Number(last), call = 0; ; call++) {
  const commits = Array.from({ length: sizeOf(call) }, () => ({
    expected: { key, value: valueOf(n) },
    changes: [{ key, value: valueOf(++n) }, ...recordsOf(name, n)],
  }))
  const made = await store.commit(commits)
  if (made.includes(false)) throw new Error(`a commit before ${n} was refused`)
  // Not when the process comes to it: it may be killed before.
  writeSync(1, `${n}\n`)
}
