import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PATIENCE = 60_000
const run = promisify(execFile)

/** Calls per second of one contender under one load, in a fresh process. Rejects if it fails, complains or does not end. */
export const sample = async (row, contender, load, { warmUp, duration }) =>
  (await inProcess('measure.mjs', row, [contender, load], [warmUp, duration])).rate

/** The times of so many starts of each contender of a row, by name, in a fresh process. Rejects as `sample` does. */
export const sampleStarts = (row, count) => inProcess('measure-starts.mjs', row, [], [count])

/** Runs a file of this folder, or the file of the same name for Chromium. Returns what it prints, parsed. */
async function inProcess(file, { name: row, inChromium }, what, how) {
  const args = [row, ...what, ...how].map(String)
  const path = fileURLToPath(new URL(inChromium ? `chromium/${file}` : file, import.meta.url))
  try {
    const { stdout, stderr } = await run(process.execPath, [path, ...args], { timeout: PATIENCE })
    if (stderr) throw new Error(stderr)
    return JSON.parse(stdout)
  } catch (error) {
    const reason = error.killed ? 'it did not end' : (/^\w*Error.*/m.exec(error.stderr ?? '')?.[0] ?? error.message)
    throw new Error(`${[row, ...what].join(', ')}: ${reason}`, { cause: error })
  }
}
