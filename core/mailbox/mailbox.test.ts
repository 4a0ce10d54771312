import { describe, expect, test } from 'vitest'
import {
  ended,
  Actor,
  type Address,
  ask,
  Dispatcher,
  info,
  type Mail,
  type Mailbox,
  monitor,
  ping,
  resume,
  stop,
  suspend,
  tell,
} from '../index.js'
import { linkedPair, virtualClock } from '../testing/index.js'

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

  test.each(['reject', 'drop-oldest', 'wait'] as const)(
    '%s: what was given up while it waited takes no place',
    async (policy) => {
      await using r = await full(policy)
      const controller = new AbortController()
      await resume(r.recorder)
      await Promise.all(r.waiting)
      await suspend(r.recorder)
      for (let n = 0; n < 100; n++) {
        const aborter = new AbortController()
        const given = [1, 2].map((item) => outcome(ask(r.recorder, { signal: aborter.signal }).record(item)))
        aborter.abort()
        expect(await Promise.all(given)).toEqual(
          [1, 2].map(() => expect.objectContaining({ code: 'aborted', ran: 'no' })),
        )
        expect(await info(r.recorder)).toMatchObject({ mailbox: 0 })
      }
      const first = r.recorder.record(2)
      const given = outcome(ask(r.recorder, { signal: controller.signal }).record(3))
      controller.abort()
      expect(await given).toMatchObject({ code: 'aborted', ran: 'no' })
      const second = r.recorder.record(4)
      expect(await info(r.recorder)).toMatchObject({ mailbox: 2 })
      const third = outcome(r.recorder.record(5))
      await resume(r.recorder)
      await outcome(first)
      await second
      await third
      expect(await r.recorder.log()).toEqual(
        { reject: [0, 1, 2, 4], 'drop-oldest': [0, 1, 4, 5], wait: [0, 1, 2, 4, 5] }[policy],
      )
    },
  )

  test.each([
    { limit: 0 },
    { limit: NaN, policy: 'wait' },
    { limit: -1 },
    { limit: 1.5 },
    { policy: 'rejct' },
    { take: () => {}, size: 0 },
    { take: () => {}, put: () => {} },
    5,
    null,
  ])('%o is refused, and no code of the class runs', async (mailbox) => {
    let made = 0
    class Made extends Actor {
      constructor() {
        super()
        made++
      }
    }
    await using dispatcher = new Dispatcher()
    expect(await outcome(dispatcher.spawn(Made, { mailbox: mailbox as never }))).toMatchObject({
      code: 'malformed',
      ran: 'no',
    })
    expect(made).toBe(0)
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

  test.each([
    [
      'throws',
      (): never => {
        throw new Error('no close')
      },
    ],
    ['rejects', async (): Promise<never> => Promise.reject(new Error('no close'))],
  ])('whose close %s goes to the log, and the actor ends', async (_, close) => {
    const logged: unknown[] = []
    const dispatcher = new Dispatcher({ log: ({ text, error }) => logged.push([text, error]) })
    const mailbox = Object.assign(new Stack(), { close })
    const recorder = await dispatcher.spawn(Recorder, { name: 'r', mailbox })
    using watch = monitor(recorder)
    await stop(recorder)
    expect(await watch.down).toBe('stopped')
    expect(logged).toEqual([[expect.stringContaining('mailbox of /r'), new Error('no close')]])
    await dispatcher.close()
  })

  test('whose take throws ends the actor, and nobody waits for what is in it', async () => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const mailbox = new Stack()
    const recorder = await dispatcher.spawn(Recorder, { mailbox })
    const other = await dispatcher.spawn(Recorder)
    mailbox.take = () => {
      throw new Error('no take')
    }
    const calls = [1, 2].map((n) => outcome(recorder.record(n)))
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'stored-failed', ran: 'no', cause: new Error('no take') })
    }
    expect(await ended(recorder)).toMatchObject({ code: 'stored-failed' })
    expect(await outcome(other.record(1))).toBe(undefined)
    await dispatcher.close()
  })

  test('that gives nothing is asked again when something is put, and what it never gives settles', async () => {
    const kept: Mail[] = []
    let isOpen = false
    let asked = 0
    const mailbox: Mailbox = {
      put: (mail) => void kept.push(mail),
      take() {
        asked++
        return isOpen ? kept.shift() : undefined
      },
      get size() {
        return kept.length
      },
    }
    const dispatcher = new Dispatcher({ log: () => {} })
    const recorder = await dispatcher.spawn(Recorder, { mailbox })
    const first = recorder.record(1)
    for (let round = 0; round < 10; round++) await ping(recorder)
    expect(asked).toBe(1)
    isOpen = true
    await recorder.record(2)
    await first
    expect(await recorder.log()).toEqual([1, 2])
    isOpen = false
    const never = outcome(recorder.record(3))
    await dispatcher.close()
    expect(await never).toMatchObject({ code: 'stopped', ran: 'no' })
  })

  test.each<[string, (mailbox: Stack) => unknown, RegExp]>([
    ['put returns a promise', (box) => (box.put = (async () => {}) as never), /put\(\) of a mailbox.*not a promise/],
    ['put returns its size', (box) => (box.put = () => 1 as never), /put\(\) of a mailbox.*not number/],
    ['take returns a promise', (box) => (box.take = (async () => {}) as never), /take\(\) of a mailbox.*not a promise/],
    [
      'take returns a copy',
      (box) => (box.take = () => ({ method: 'record' }) as never),
      /take\(\) of a mailbox.*not object/,
    ],
  ])('whose %s fails the call with stored-failed and what to return, and close ends', async (_, spoil, text) => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const mailbox = new Stack()
    spoil(mailbox)
    const recorder = await dispatcher.spawn(Recorder, { mailbox })
    expect(await outcome(recorder.record(1))).toMatchObject({
      code: 'stored-failed',
      ran: 'no',
      cause: expect.objectContaining({ message: expect.stringMatching(text) as string }) as Error,
    })
    await dispatcher.close()
    expect(dispatcher.info().actors).toEqual([])
  })

  /** A mailbox whose `size` fails from the n-th time on. */
  function failing(from: number, fail: () => unknown): Mailbox {
    const mailbox = new Stack()
    let asked = 0
    return Object.defineProperty(mailbox, 'size', {
      get: () => (++asked < from ? Reflect.get(Stack.prototype, 'size', mailbox) : fail()),
    })
  }

  const noSize = (): never => {
    throw new Error('no size')
  }

  test.each([2, 3, 4, 5])('whose size throws from time %i on ends the actor, and no call waits', async (from) => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const recorder = await dispatcher.spawn(Recorder, { mailbox: failing(from, noSize) })
    const failed = expect.objectContaining({ code: 'stored-failed', ran: 'no', cause: new Error('no size') }) as Error
    let got: unknown[] = []
    while (!got.some(Boolean)) got = await Promise.all([1, 2, 3].map((n) => outcome(recorder.record(n))))
    expect(got.at(-1)).toEqual(failed)
    expect(await ended(recorder)).toMatchObject({ code: 'stored-failed', cause: new Error('no size') })
    expect(await outcome(recorder.record(5))).toMatchObject({ code: 'stopped', ran: 'no' })
    await dispatcher.close()
  })

  test('whose size throws for a caller behind a link leaves the link as it is', async () => {
    const { near, far, close } = await linkedPair({ dispatcher: { log: () => {} } })
    await far.spawn(Recorder, { name: 'r', mailbox: failing(2, noSize) })
    await far.spawn(Recorder, { name: 'other' })
    const recorder = (await near.lookup<Recorder>('r'))!
    expect(await outcome(recorder.record(1))).toMatchObject({ code: 'stored-failed', ran: 'no' })
    expect(await (await near.lookup<Recorder>('other'))!.record(1)).toBe(undefined)
    await close()
  })

  test.each(['size', 'take'] as const)('whose %s throws when the actor is to stop leaves no timer', async (member) => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ log: () => {}, env: clock })
    const mailbox = new Stack()
    const recorder = await dispatcher.spawn(Recorder, { mailbox })
    await suspend(recorder)
    const waiting = outcome(recorder.record(1))
    Object.defineProperty(mailbox, member, { get: noSize })
    await stop(recorder)
    expect(await waiting).toMatchObject({ ran: 'no' })
    await clock.advance(0)
    expect(clock.timers).toBe(0)
    await dispatcher.close()
  })

  test.each([
    ['throws', noSize, /no size/],
    ['is undefined', () => undefined, /size of a mailbox.*not undefined/],
    ['is no number', () => NaN, /size of a mailbox.*not number/],
    ['is a promise', async () => 1, /size of a mailbox.*not a promise/],
  ])('whose size %s fails the call, and before the first one spawn', async (_, size, text) => {
    const cause = expect.objectContaining({ message: expect.stringMatching(text) as string }) as Error
    await using dispatcher = new Dispatcher({ log: () => {} })
    const recorder = await dispatcher.spawn(Recorder, { mailbox: failing(2, size) })
    expect(await outcome(recorder.record(1))).toMatchObject({ code: 'stored-failed', ran: 'no', cause })
    const spawning = outcome(dispatcher.spawn(Recorder, { mailbox: failing(1, size) }))
    expect(await spawning).toMatchObject({ code: 'stopped', cause: { code: 'stored-failed', cause } })
  })

  test('that gives a message for the second time ends the actor, and those that wait settle', async () => {
    const mail: Mail[] = []
    const dispatcher = new Dispatcher({ log: () => {} })
    const mailbox: Mailbox = {
      put: (each) => void mail.push(each),
      take: () => mail[0],
      get size() {
        return mail.length
      },
    }
    const recorder = await dispatcher.spawn(Recorder, { mailbox })
    const [first, second] = [recorder.record(1), outcome(recorder.record(2))]
    expect(await first).toBe(undefined)
    expect(await second).toMatchObject({ code: 'stored-failed', ran: 'no' })
    expect(await ended(recorder)).toMatchObject({
      code: 'stored-failed',
      cause: expect.objectContaining({
        message: expect.stringMatching(/not record\(\) for the second time/) as string,
      }) as Error,
    })
    await dispatcher.close()
  })

  test('that gives a message which it had refused, or which was given up, goes on', async () => {
    await using dispatcher = new Dispatcher({ log: () => {} })
    const mailbox = new Stack()
    const { put } = mailbox
    const recorder = await dispatcher.spawn(Recorder, { mailbox })
    await suspend(recorder)
    mailbox.put = (mail) => {
      put.call(mailbox, mail)
      throw new Error('no put')
    }
    expect(await outcome(recorder.record(1))).toMatchObject({ code: 'stored-failed' })
    mailbox.put = (mail) => put.call(mailbox, mail) ?? mail
    expect(await outcome(recorder.record(2))).toMatchObject({ code: 'overloaded' })
    mailbox.put = put
    const controller = new AbortController()
    const given = outcome(ask(recorder, { signal: controller.signal }).record(3))
    controller.abort()
    expect(await given).toMatchObject({ code: 'aborted', ran: 'no' })
    await resume(recorder)
    await recorder.record(4)
    expect(await recorder.log()).toEqual([4])
  })

  test('whose put throws fails the call, and the actor goes on', async () => {
    await using dispatcher = new Dispatcher({ log: () => {} })
    const mailbox = new Stack()
    const recorder = await dispatcher.spawn(Recorder, { mailbox })
    const { put } = mailbox
    mailbox.put = () => {
      throw new Error('no put')
    }
    const call = recorder.record(1)
    expect(await outcome(call)).toMatchObject({ code: 'stored-failed', ran: 'no', cause: new Error('no put') })
    tell(recorder).record(2)
    mailbox.put = put
    await recorder.record(3)
    expect(await recorder.log()).toEqual([3])
  })
})
