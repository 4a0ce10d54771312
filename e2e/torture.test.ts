import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const run = promisify(execFile)

// The full figures are those of `npm run torture`.
test.each([
  ['idle-actors', ['100000'], 'bytes each'],
  ['callbacks', ['20000'], 'tables back'],
  ['stream', ['32', '2'], 'waited at the writer'],
  ['random', ['200'], 'settled once'],
  ['pool-random', ['20'], 'settled once'],
  ['simulation', ['5000'], 'all settled after healing'],
  ['mutants', ['replay'], 'planted bugs found'],
  ['cuts', ['32'], 'no wrong result'],
  ['chat', ['1000', '5'], 'complete and in order'],
  ['chaos', ['12'], 'each settled once'],
  ['restarts', ['20', '2'], 'settled once'],
  ['shared', ['1000'], 'what must hold held'],
  ['hostile', ['1', '1'], 'memory stayed bounded'],
  ['overload', ['2'], 'the neighbour waits'],
  ['durable-kills', ['10'], 'none lost, none done twice'],
  ['store-kills', ['10'], 'none torn'],
  ['broker-kills', ['10'], 'none lost, none done twice'],
  ['connections', ['200', '2'], 'all were served again'],
  ['moves', ['40'], 'none lost, none run twice'],
  ['cluster', ['1', '3000'], 'none lost, none done twice'],
  ['sharded', ['300', '2000'], 'none lost a call, none did one twice'],
])(
  '%s, at a fraction of its figures',
  async (name, figures, said) => {
    const { stdout } = await run(process.execPath, ['--expose-gc', here(`torture/${name}.mjs`), ...figures])
    console.log(stdout.trim())
    expect(stdout).toContain(said)
  },
  120_000,
)
