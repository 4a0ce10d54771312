import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PATIENCE = 60_000
const run = promisify(execFile)
const node = fileURLToPath(new URL('measure.mjs', import.meta.url))
const chromium = fileURLToPath(new URL('chromium/measure.mjs', import.meta.url))

/** Calls per second of one contender under one load, in a fresh process. Rejects if it fails, complains or does not end. */
export async function sample({ name: row, inChromium }, contender, load, { warmUp, duration }) {
  const file = inChromium ? chromium : node
  const args = [row, contender, load, warmUp, duration].map(String)
  try {
    const { stdout, stderr } = await run(process.execPath, [file, ...args], { timeout: PATIENCE })
    if (stderr) throw new Error(stderr)
    return JSON.parse(stdout).rate
  } catch (error) {
    const reason = error.killed ? 'it did not end' : (/^\w*Error.*/m.exec(error.stderr ?? '')?.[0] ?? error.message)
    throw new Error(`${row}, ${contender}, ${load}: ${reason}`, { cause: error })
  }
}
