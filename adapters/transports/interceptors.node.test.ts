import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { type ActorError, Dispatcher, tell } from '../../core/index.js'
import type { Audited } from '../fixtures/audited.js'
import { workerThread } from './worker-threads.js'

const file = new URL('../../.cache/fixtures/thread.mjs', import.meta.url)

const dispatcher = new Dispatcher({ id: 'main', log: () => {} })
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
})
