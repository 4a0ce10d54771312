import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ActorError, ask, Dispatcher, tell } from '../../core/index.js'
import { pool } from '../../core/pool/index.js'
import type { Audited } from '../fixtures/audited.js'
import { workerThread } from './worker-threads.js'

const file = new URL('../../.cache/fixtures/thread.mjs', import.meta.url)

let dispatcher: Dispatcher
beforeEach(() => {
  dispatcher = new Dispatcher({ id: 'main', log: () => {} })
})
afterEach(() => dispatcher.close({ mode: 'kill' }))

describe('interceptors in a thread', () => {
  test('see calls, streams and one-way messages of another realm, and refuse what is wrong', async () => {
    const thread = await dispatcher.connect<{ Audited: typeof Audited }>(workerThread(() => new Worker(file)))
    const audited = await thread.spawn('Audited')
    expect(await audited.add(1)).toBe(2)
    const wrong = await audited.add('1' as never).catch((error: ActorError) => error)
    expect(wrong).toMatchObject({ code: 'malformed', ran: 'no', cause: [{ argument: 0, message: 'is no number' }] })
    expect((wrong as ActorError).message).toContain('add(): argument 1: is no number')
    tell(audited).add(2)
    for await (const n of audited.count(9)) if (n === 2) break
    await expect
      .poll(() => audited.audit().then((notes) => notes.filter((note) => !note.startsWith('audit'))))
      .toEqual([
        'add by main',
        'add fulfilled',
        'add by main',
        'add rejected',
        'add by main',
        'add fulfilled',
        'count by main',
        'count fulfilled',
      ])
  })

  test('refuse what is wrong of the tasks of a pool, each of which settles', async () => {
    const connect = () => workerThread(() => new Worker(file))
    const threads = pool<{ Audited: typeof Audited }>(dispatcher, { connect, size: 2 })
    const audited = threads.spawn('Audited')
    const codeOf = ({ code, ran }: ActorError): unknown => [code, ran]
    for (let round = 0; round < 20; round++) {
      const tasks = Array.from({ length: 200 }, (_, n) => audited.add((n % 2 ? n : 'wrong') as number))
      // What has not begun is taken back from its thread.
      const end = new AbortController()
      const aborted = ask(audited, { signal: end.signal }).add(1).catch(codeOf)
      await tasks[round * 8 + 1]
      end.abort()
      const outcomes = await Promise.all(tasks.map((task) => task.catch(codeOf)))
      expect(outcomes).toEqual(Array.from({ length: 200 }, (_, n) => (n % 2 ? n + 1 : ['malformed', 'no'])))
      await aborted
    }
    expect(threads.info()).toMatchObject({ running: 0, waiting: 0 })
    await threads.close()
  })
})
