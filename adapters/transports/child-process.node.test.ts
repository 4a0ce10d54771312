import { type ChildProcess, fork, spawn, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { type Subject, testTransport } from '../../core/testing/index.js'
import { childProcess, host } from './child-process.js'

const file = fileURLToPath(new URL('../../.cache/fixtures/child.mjs', import.meta.url))

function open(serialization: 'json' | 'advanced'): Subject {
  let child: ChildProcess | undefined
  return {
    connector: childProcess(() => (child = fork(file, { execArgv: [], serialization }))),
    crash: () => void child?.kill('SIGKILL'),
  }
}

const runner = { describe, test }
testTransport({ name: 'child-process', runner, open: () => open('json') })
testTransport({ name: 'child-process, advanced serialization', runner, open: () => open('advanced') })

describe('a child process', () => {
  test('that cannot load rejects connect with start-failed', async () => {
    const dispatcher = new Dispatcher()
    const missing = childProcess(() => fork('./no-such-file.mjs', { stdio: 'ignore' }))
    await expect(dispatcher.connect(missing)).rejects.toMatchObject({ code: 'start-failed', ran: 'no' })
  })

  test('that is given as an instance is not ended by close', async () => {
    const child = fork(file, { execArgv: [] })
    const dispatcher = new Dispatcher()
    const peer = await dispatcher.connect(childProcess(child))
    await peer.close()
    expect(child.killed).toBe(false)
    const exited = once(child, 'exit')
    child.kill()
    await exited
  })

  test('is refused at once where something else is given, or a process without a channel', async () => {
    await using dispatcher = new Dispatcher()
    const plain = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    for (const source of [{}, './child.mjs', plain, () => plain, async () => plain]) {
      const error = await dispatcher.connect(childProcess(source as never)).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'malformed' })
      expect(String(error)).toContain("() => fork('./actors.js')")
    }
  })

  test('hosts only in a process that was forked', () => {
    const { send } = process
    Reflect.deleteProperty(process, 'send')
    Object.defineProperty(process, 'send', { value: undefined, configurable: true, writable: true })
    try {
      expect(() => host({})).toThrow(expect.objectContaining({ code: 'no-worker' }))
    } finally {
      process.send = send as (message: Serializable) => boolean
    }
  })
})
