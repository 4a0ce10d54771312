import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Actor, ask, Dispatcher, type Proxy } from '../index.js'
import { type LinkedPair, linkedPair } from '../testing/index.js'
import { bytes } from '../wire/bytes.js'

class Editor extends Actor {
  load(_text: string, _value?: unknown): void {}
  itself(): this {
    return this
  }
  bad(): unknown {
    return { list: [Symbol('bad')] }
  }
  over(): string {
    return 'x'.repeat(2 ** 21)
  }
}

const outcome = async (promise: Promise<unknown>): Promise<{ message: string; stack: string }> =>
  promise.then(
    () => ({ message: '', stack: '' }),
    (error: Error) => ({ message: error.message, stack: error.stack ?? '' }),
  )

let realms: LinkedPair<{ Editor: typeof Editor }>
let editor: Proxy<Editor>
describe('what cannot be sent', () => {
  beforeEach(async () => {
    realms = await linkedPair({ actors: { Editor }, codec: bytes, payload: 'bytes', trusted: false })
    editor = await realms.peer.spawn('Editor')
  })
  afterEach(() => realms.close())

  test('is told with its method and its argument', async () => {
    const told = async (promise: Promise<unknown>): Promise<string> => (await outcome(promise)).message
    expect(await told(editor.load('a', { list: [Symbol('b')] }))).toBe(
      '[troupe] argument 2 of Editor.load(): a symbol cannot be sent (at value.list[0])',
    )
    expect(await told(editor.load('a', new Error('b', { cause: 1 })))).toBe('')
    expect(await told(editor.load('a', new AbortController()))).toBe(
      '[troupe] argument 2 of Editor.load(): a value of class AbortController cannot be sent',
    )
    expect(await told(editor.load('x'.repeat(2 ** 21)))).toMatch(
      /^\[troupe] Editor\.load\(\): a message of \d+ bytes is over the peer's limit 'frame' of 1048576$/,
    )
    expect(await told(realms.peer.spawn('Editor', { args: [Symbol('a')] } as never))).toBe(
      '[troupe] argument 2 of spawn(): a symbol cannot be sent (at value.args[0])',
    )
    expect(await told(ask(editor.itself()).load('a', Symbol('b')))).toMatch(/argument 2 of .*load\(\): a symbol/)
    expect(await told(editor.bad())).toBe(
      '[troupe] the outcome of bad() cannot be sent: a symbol cannot be sent (at value.list[0])',
    )
    expect(await told(editor.over())).toMatch(/^\[troupe] the outcome of over\(\) cannot be sent: a message of/)
  })

  test('is told where the call was made', async () => {
    const here = /^ActorError: .*\n +at .*refusals\.test\.ts/
    expect((await outcome(editor.load('a', Symbol('b')))).stack).toMatch(here)
    expect((await outcome(ask(editor, { timeout: 100 }).load('x'.repeat(2 ** 21)))).stack).toMatch(here)
    const isolated = await new Dispatcher({ isolate: true }).spawn(Editor)
    const error = await outcome(isolated.load('a', Symbol('b')))
    expect(error.message).toBe('[troupe] argument 2 of Editor.load(): a symbol cannot be sent')
    expect(error.stack).toMatch(here)
  })
})
