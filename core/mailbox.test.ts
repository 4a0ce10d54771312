import { describe, expect, test } from 'vitest'
import {
  Actor,
  type Address,
  Dispatcher,
  info,
  type Mail,
  type Mailbox,
  ping,
  resume,
  stop,
  suspend,
  tell,
} from './index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

class Recorder extends Actor {
  readonly #log: unknown[] = []
  record(item: unknown): void {
    this.#log.push(item)
  }
  log(): unknown[] {
    return this.#log
  }
}

/** A suspended recorder whose mailbox is full, with 0 and 1 in it. */
async function full(policy: 'reject' | 'drop-oldest' | 'wait') {
  const letters: unknown[] = []
  const dispatcher = new Dispatcher({ log: () => {} })
  dispatcher.on('dead-letter', ({ about }) => letters.push(about))
  const recorder = await dispatcher.spawn(Recorder, { name: 'r', mailbox: { limit: 2, policy } })
  await suspend(recorder)
  const waiting = [0, 1].map((n) => outcome(recorder.record(n)))
  return { dispatcher, recorder, waiting, letters, [Symbol.asyncDispose]: () => dispatcher.close() }
}

describe('a mailbox at its bound', () => {
  test('reject refuses the message that is one too many', async () => {
    await using r = await full('reject')
    expect(await outcome(r.recorder.record(2))).toMatchObject({ code: 'overloaded', ran: 'no' })
    tell(r.recorder).record(3)
    expect(r.letters).toEqual(['record() to /r', 'record() to /r'])
    await resume(r.recorder)
    expect(await r.recorder.log()).toEqual([0, 1])
    expect(await r.recorder.record(4)).toBeUndefined()
  })

  test('drop-oldest makes the oldest give way', async () => {
    await using r = await full('drop-oldest')
    const third = r.recorder.record(2)
    expect(await r.waiting[0]).toMatchObject({ code: 'overloaded', ran: 'no' })
    await resume(r.recorder)
    await third
    expect(await r.recorder.log()).toEqual([1, 2])
    expect(r.letters).toEqual(['record() to /r'])
  })

  test('wait lets the sender wait for room, in order', async () => {
    await using r = await full('wait')
    const more = [2, 3, 4].map((n) => r.recorder.record(n))
    expect(await info(r.recorder)).toMatchObject({ mailbox: 2 })
    await resume(r.recorder)
    await Promise.all(more)
    expect(await r.recorder.log()).toEqual([0, 1, 2, 3, 4])
    expect(r.letters).toEqual([])
  })

  test('system messages overtake what waits', async () => {
    await using r = await full('reject')
    await ping(r.recorder)
    expect(await info(r.recorder)).toMatchObject({ state: 'suspended', mailbox: 2 })
    await stop(r.recorder, { mode: 'kill' })
    expect(await r.waiting[0]).toMatchObject({ code: 'stopped', ran: 'no' })
  })

  test('and 131,072 messages are the bound of one that states none', async () => {
    await using dispatcher = new Dispatcher({ log: () => {} })
    const recorder = await dispatcher.spawn(Recorder)
    await suspend(recorder)
    for (let n = 0; n < 131_072; n++) tell(recorder).record(n)
    expect(await outcome(recorder.log())).toMatchObject({ code: 'overloaded', ran: 'no' })
    await resume(recorder)
    expect(await recorder.log()).toHaveLength(131_072)
  })
})

describe('a mailbox of one’s own', () => {
  /** The last one in is the first one out. */
  class Stack implements Mailbox {
    readonly happened: string[] = []
    readonly #mail: Mail[] = []
    async open({ path }: Address): Promise<void> {
      await undefined
      this.happened.push(`open ${path}`)
    }
    put(mail: Mail): Mail | undefined {
      this.happened.push(`put ${mail.method}`)
      this.#mail.push(mail)
      return undefined
    }
    take(): Mail | undefined {
      return this.#mail.pop()
    }
    get size(): number {
      return this.#mail.length
    }
    close(): void {
      this.happened.push('close')
    }
  }

  test('is opened once before the first message, kept over restarts, and closed at the end', async () => {
    class Failing extends Recorder {
      fail(): never {
        throw new Error('failed')
      }
    }
    const mailbox = new Stack()
    await using dispatcher = new Dispatcher()
    const spawning = dispatcher.spawn(Failing, { name: 'f', mailbox, restart: 'transient' })
    tell((await dispatcher.lookup<Failing>('f'))!).record('early')
    const recorder = await spawning
    await outcome(recorder.fail())
    await suspend(recorder)
    for (const n of [1, 2, 3]) tell(recorder).record(n)
    await resume(recorder)
    await outcome(recorder.fail())
    expect(await recorder.log()).toEqual([3, 2, 1])
    await stop(recorder)
    expect(mailbox.happened.slice(0, 2)).toEqual(['open /f', 'put record'])
    expect(mailbox.happened.at(-1)).toBe('close')
    expect(mailbox.happened.filter((line) => line.startsWith('open'))).toHaveLength(1)
  })
})
