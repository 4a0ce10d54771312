import { type ChildProcess, fork, spawn, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { type Subject, testTransport, virtualClock } from '../../core/testing/index.js'
import type { Lasting } from '../fixtures/lasting.js'
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

  test('whose actors are wrong did not start', async () => {
    await using dispatcher = new Dispatcher()
    const misfit = fileURLToPath(new URL('../../.cache/fixtures/misfit-child.mjs', import.meta.url))
    const connecting = dispatcher.connect(
      childProcess(() => fork(misfit, { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })),
    )
    await expect(connecting).rejects.toMatchObject({ code: 'start-failed', ran: 'no' })
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

  test('runs onStop and ends by itself when the dispatcher closes, also with a timer and a server', async () => {
    let child!: ChildProcess
    let output = ''
    const dispatcher = new Dispatcher()
    const peer = await dispatcher.connect<{ Lasting: typeof Lasting }>(
      childProcess(() => (child = fork(file, { execArgv: [], silent: true }))),
    )
    child.stdout!.on('data', (text) => (output += String(text)))
    await (await peer.spawn('Lasting')).start()
    const closed = once(child, 'close')
    await dispatcher.close()
    expect(await closed).toEqual([0, null])
    expect(output).toBe('onStop\nexit 0\n')
  })

  test('that does not stop in time, and ignores SIGTERM, is killed', async () => {
    let child!: ChildProcess
    await using dispatcher = new Dispatcher()
    const connector = childProcess(() => (child = fork(file, { execArgv: [] })))
    const peer = await dispatcher.connect<{ Lasting: typeof Lasting }>(connector)
    const spinning = (await peer.spawn('Lasting')).spin().catch((error: unknown) => error)
    const ended = once(child, 'exit')
    await dispatcher.close({ timeout: 200 })
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(await spinning).toMatchObject({ code: 'unknown', ran: 'maybe' })
  })

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'runs onStop and ends when its parent is gone by %s, also with a timer and a server',
    async (signal) => {
      const parent = fork(file.replace('child.mjs', 'parent.mjs'), [file], { execArgv: [], silent: true })
      let output = ''
      parent.stdout!.on('data', (text) => (output += String(text)))
      const [pid] = (await once(parent, 'message')) as [number]
      // The child has the output of its parent: that ends with the last of the two.
      const closed = once(parent, 'close')
      parent.kill(signal)
      const overdue = setTimeout(() => process.kill(pid, 'SIGKILL'), 20_000)
      await closed
      clearTimeout(overdue)
      expect(output).toBe('onStop\nexit 0\n')
    },
  )

  test('is refused at once where something else is given, or a process without a channel', async () => {
    await using dispatcher = new Dispatcher()
    const plain = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    for (const source of [{}, './child.mjs', plain, () => plain, async () => plain]) {
      const error = await dispatcher.connect(childProcess(source as never)).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'malformed' })
      expect(String(error)).toContain("() => fork('./actors.js')")
    }
  })

  test('that has ended rejects connect at once', async () => {
    const child = fork(file, { execArgv: [] })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const env = virtualClock()
    await using dispatcher = new Dispatcher({ env })
    await expect(dispatcher.connect(childProcess(child))).rejects.toThrow(/the child process ended with SIGKILL$/)
    await expect(dispatcher.connect(childProcess(child))).rejects.toMatchObject({ code: 'unreachable', ran: 'no' })
    const error = await dispatcher.connect(childProcess(() => child)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'start-failed', ran: 'no' })
    expect(String(error)).toContain('it ended with SIGKILL before it was linked')
    expect(env.timers).toBe(0)
  })

  test('whose channel was closed with its link rejects connect at once', async () => {
    const child = fork(file, { execArgv: [] })
    await using dispatcher = new Dispatcher({ env: virtualClock() })
    const peer = await dispatcher.connect(childProcess(child))
    await peer.close()
    for (let time = 0; time < 2; time++) {
      await expect(dispatcher.connect(childProcess(child))).rejects.toMatchObject({ code: 'unreachable', ran: 'no' })
    }
    child.kill()
  })

  test('without its channel rejects connect at once, and is ended if a function made it', async () => {
    const silent = ['-e', 'setInterval(() => {}, 1000)']
    const child = spawn(process.execPath, silent, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    child.disconnect()
    await once(child, 'disconnect')
    await using dispatcher = new Dispatcher({ env: virtualClock() })
    await expect(dispatcher.connect(childProcess(child))).rejects.toThrow(/the child process closed its channel$/)
    const exited = once(child, 'exit')
    await expect(dispatcher.connect(childProcess(() => child))).rejects.toMatchObject({ code: 'start-failed' })
    expect(await exited).toEqual([null, 'SIGTERM'])
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
