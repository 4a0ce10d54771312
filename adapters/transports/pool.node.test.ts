import { fork } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type ActorError, ask, Dispatcher, transfer } from '../../core/index.js'
import { pool, type Pool, type PoolOptions } from '../../core/pool/index.js'
import type { Tasks } from '../fixtures/tasks.js'
import { childProcess } from './child-process.js'
import { workerThread } from './worker-threads.js'

const file = new URL('../../.cache/fixtures/thread.mjs', import.meta.url)
const child = fileURLToPath(new URL('../../.cache/fixtures/child.mjs', import.meta.url))

interface Opened {
  readonly threads: Worker[]
  readonly opened: Pool<{ Tasks: typeof Tasks }>
}

let dispatcher: Dispatcher
function open(options: Partial<PoolOptions> = {}): Opened {
  dispatcher = new Dispatcher({ log: () => {} })
  const threads: Worker[] = []
  const start = (): Worker => {
    const thread = new Worker(file)
    threads.push(thread)
    return thread
  }
  const connect = (): ReturnType<PoolOptions['connect']> => workerThread(start)
  return { threads, opened: pool(dispatcher, { connect, size: 2, ...options }) }
}

afterEach(() => dispatcher.close({ mode: 'kill' }))

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    ({ code, ran }: ActorError) => `${code} ${ran}`,
  )

/** Waits for what comes soon, also on a busy machine. */
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000 })

describe('a pool of threads', () => {
  test('loses only what ran when a thread is killed under load, runs nothing twice, and is whole again', async () => {
    const count = 2_000
    const ran = new SharedArrayBuffer(4 * count)
    const times = new Int32Array(ran)
    const { threads, opened } = open({ size: 4 })
    const tasks = opened.spawn('Tasks', { args: [ran] })
    const calls = Array.from({ length: count }, (_, id) => codeOf(tasks.add(id, 1)))
    for (let kill = 1; kill <= 3; kill++) {
      await Promise.race([calls[kill * 400]!, calls.at(-1)!])
      await threads.at(-1)!.terminate()
    }
    const outcomes = await Promise.all(calls)
    const lost = outcomes.flatMap((outcome, id) => (outcome === 'done' ? [] : [{ id, outcome, times: times[id] }]))
    expect(lost.filter(({ outcome }) => outcome !== 'unknown maybe')).toEqual([])
    // One task runs at a time; of one that is done the result may be lost, too.
    expect(lost.every(({ times }) => times === 1)).toBe(true)
    expect(outcomes.filter((outcome, id) => outcome === 'done' && times[id] !== 1)).toEqual([])
    expect(await tasks.add(0, 5)).toBe(5)
    expect(opened.info()).toMatchObject({ state: 'open', waiting: 0, running: 0 })
  })

  test('moves what is transferred with a task, and never has to send that twice', async () => {
    const { opened } = open()
    const tasks = opened.spawn('Tasks')
    const lengths = Array.from({ length: 600 }, (_, n) => n)
    const calls = lengths.map(async (length) => {
      const bytes = new Uint8Array(length)
      // Now and then one takes long: tasks that wait behind it go to the other thread.
      if (length % 100 === 50) void tasks.spin(0, 40)
      return tasks.length(transfer(bytes, [bytes.buffer]))
    })
    expect(await Promise.all(calls)).toEqual(lengths)
  })

  test('never runs an aborted task that its thread was sent ahead, and says so', async () => {
    const ran = new SharedArrayBuffer(4 * 1_000)
    const times = new Int32Array(ran)
    const { opened } = open({ size: 1 })
    const tasks = opened.spawn('Tasks', { args: [ran] })
    // Short tasks: the thread is sent many ahead from now on.
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 100 }, (_, id) => tasks.add(id, 1)))
    times.fill(0)
    const spun = tasks.spin(0, 300)
    const controller = new AbortController()
    const aborted = Array.from({ length: 50 }, (_, id) => ask(tasks, controller).add(500 + id, 1))
    const others = Array.from({ length: 50 }, (_, id) => tasks.add(600 + id, 1))
    await until(() => expect(times[0]).toBe(1))
    controller.abort()
    expect(new Set(await Promise.all(aborted.map(codeOf)))).toEqual(new Set(['aborted no']))
    await Promise.all([spun, ...others])
    expect(times.slice(500, 550).every((count) => count === 0)).toBe(true)
    expect(times.slice(600, 650).every((count) => count === 1)).toBe(true)
  })

  test('has other threads run what waits behind a task that takes long', async () => {
    const ran = new SharedArrayBuffer(4 * 1_000)
    const { opened } = open({ size: 2 })
    const tasks = opened.spawn('Tasks', { args: [ran] })
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 200 }, (_, id) => tasks.add(id, 1)))
    const spun = tasks.spin(0, 3_000).then(() => 'spun')
    const others = Promise.all(Array.from({ length: 400 }, (_, id) => tasks.add(id, 1))).then(() => 'others')
    expect(await Promise.race([spun, others])).toBe('others')
  })

  test('ends a thread that spins on after its caller gave up, and loses nothing else', async () => {
    const ran = new SharedArrayBuffer(4 * 1_000)
    const { opened } = open({ size: 2, grace: 200 })
    const tasks = opened.spawn('Tasks', { args: [ran] })
    await Promise.all(Array.from({ length: 200 }, (_, id) => tasks.add(id, 1)))
    const times = new Int32Array(ran)
    times.fill(0)
    const controller = new AbortController()
    const spun = codeOf(ask(tasks, controller).spin(0, 60_000))
    const others = Array.from({ length: 400 }, (_, id) => tasks.add(1 + id, 1))
    await until(() => expect(times[0]).toBe(1))
    const start = performance.now()
    controller.abort()
    expect(await spun).toBe('aborted maybe')
    await Promise.all(others)
    await until(() => expect(opened.info().workers.every(({ state }) => state === 'idle')).toBe(true))
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(await Promise.all([tasks.add(1, 1), tasks.add(2, 1)])).toEqual([2, 3])
  })

  test('fires the signal of a running task', async () => {
    const ran = new SharedArrayBuffer(8)
    const times = new Int32Array(ran)
    const { opened } = open({ size: 1 })
    const tasks = opened.spawn('Tasks', { args: [ran] })
    const controller = new AbortController()
    const waits = ask(tasks, controller).wait(1, 60_000)
    await until(() => expect(times[1]).toBe(1))
    controller.abort()
    expect(await codeOf(waits)).toBe('aborted maybe')
    await until(() => expect(times[1]).toBe(11))
    await until(() => expect(opened.info().running).toBe(0))
  })

  test('leaves no thread, timer or listener behind, however often one is opened and closed', async () => {
    const before = process.getActiveResourcesInfo().length
    const signal = new AbortController()
    let ended = 0
    for (let round = 0; round < 20; round++) {
      const { opened, threads } = open({ size: 1, idle: 60_000, grace: 1_000 })
      const tasks = opened.spawn('Tasks')
      expect(await ask(tasks, signal).add(0, round)).toBe(round)
      threads[0]!.on('exit', () => ended++)
      await opened.close()
      await dispatcher.close()
    }
    await until(() => expect(ended).toBe(20))
    await until(() => expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before))
  })

  test('whose file is missing fails its tasks with no-worker and the cause, after few attempts', async () => {
    let attempts = 0
    const connect = (): ReturnType<PoolOptions['connect']> =>
      workerThread(() => {
        attempts++
        return new Worker(new URL('./no-such-file.mjs', import.meta.url))
      })
    const { opened } = open({ connect, restart: { max: 3, backoff: 10 } })
    const tasks = opened.spawn('Tasks')
    const errors = await Promise.all(
      Array.from({ length: 500 }, () => tasks.add(0, 1).catch((error: unknown) => error)),
    )
    expect(errors[0]).toMatchObject({ code: 'no-worker', ran: 'no', cause: { code: 'start-failed' } })
    expect(attempts).toBeLessThan(9)
    expect(opened.info().state).toBe('sick')
  })
})

test('a pool of processes has no memory in common with them, and works all the same', async () => {
  dispatcher = new Dispatcher({ log: () => {} })
  const connect = (): ReturnType<PoolOptions['connect']> => childProcess(() => fork(child, { execArgv: [] }))
  const opened = pool<{ Probe: new () => { add(a: number, b: number): number } }>(dispatcher, { connect, size: 1 })
  const probe = opened.spawn('Probe')
  expect(await Promise.all(Array.from({ length: 50 }, (_, n) => probe.add(n, 1)))).toHaveLength(50)
  await opened.close()
})
