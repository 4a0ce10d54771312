// node durable-kills.mjs <kills>
// Kills a process that writes through a durable actor, at random moments, and starts it again on the same file.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const kills = Number(process.argv[2] ?? 10)
const folder = mkdtempSync(join(tmpdir(), 'troupe-kills-'))
const file = join(folder, 'ledger.db')
const script = fileURLToPath(new URL('durable-kills-process.mjs', import.meta.url))

/** What was acknowledged, and what was sent and may have been done. */
const seen = { entered: 0, asked: 0, kept: 0, sent: 0 }
/** Calls that may be under way when the process is killed. */
const LOOPS = 4

for (let kill = 0; kill <= kills; kill++) {
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  let isUp
  const up = new Promise((resolve) => (isUp = resolve))
  lines.on('line', (line) => {
    const [word, first, second] = line.split(' ')
    if (word === 'start') {
      const [entries, kept] = [Number(first), Number(second)]
      assert.ok(entries >= seen.entered, `${entries} entries are left of ${seen.entered} acknowledged`)
      assert.ok(entries <= seen.entered + LOOPS, `${entries} entries, and ${seen.entered} were acknowledged`)
      assert.ok(kept >= seen.kept, `${kept} are kept of ${seen.kept} acknowledged`)
      assert.ok(kept <= seen.sent, `${kept} are kept of ${seen.sent} sent`)
      seen.entered = entries
      isUp()
    } else if (word === 'entered') seen.entered = Math.max(seen.entered, Number(first))
    else if (word === 'keep') seen.sent++
    else if (word === 'kept') seen.kept++
  })
  await Promise.race([up, once(child, 'exit').then(() => assert.fail('the process ended by itself'))])
  await sleep(Math.random() * 60)
  child.kill('SIGKILL')
  await Promise.all([once(child, 'close'), once(lines, 'close')])
}
rmSync(folder, { recursive: true })
console.log(
  `${kills} kills: ${seen.entered} calls and ${seen.kept} stored messages were acknowledged, none lost, none done twice`,
)
