import { afterEach, describe, expect, test, vi } from 'vitest'
import { ActorError, Dispatcher, type Peer, type SharedKey } from '../../core/index.js'
import { single } from '../../core/serving/listening.js'
import { pair } from '../../core/transport/pair.js'
import { bytes } from '../../core/wire/bytes.js'
import { sharedKey } from './shared-key.js'

const quiet = { log: () => {} }
const secret = 'a secret of more than sixteen bytes'

let dispatchers: Dispatcher[] = []
afterEach(async () => {
  vi.unstubAllGlobals()
  await Promise.all(dispatchers.map((each) => each.close()))
  nothingIsLeft()
  dispatchers = []
})

const nothingIsLeft = (): void => expect(dispatchers.flatMap((each) => each.info().peers)).toEqual([])

/** Links two dispatchers, one with each key, over bytes that neither trusts. */
async function link(ours: SharedKey, theirs: SharedKey): Promise<Peer> {
  const [near, far] = pair({ codec: bytes, payload: 'bytes', trusted: false })
  const [client, server] = [new Dispatcher(quiet), new Dispatcher(quiet)]
  dispatchers.push(client, server)
  Object.assign(far, { facts: {} })
  await server.listen(single(far), { key: theirs })
  return client.connect(near, { key: ours })
}

describe('sharedKey', () => {
  test('links sides that have the same secret, and refuses all others', async () => {
    expect((await link(sharedKey(secret), sharedKey(secret))).state).toBe('open')
    await expect(link(sharedKey(secret), sharedKey(`${secret}.`))).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('the proof of the shared key is wrong'),
    })
  })

  test('takes text for its bytes in UTF-8, and bytes as they are at the call', async () => {
    const text = 'schlüssel von Zoë'
    const copy = new TextEncoder().encode(`..${text}..`).subarray(2, -2)
    const key = sharedKey(copy)
    copy.fill(0)
    expect((await link(key, sharedKey(text))).state).toBe('open')
  })

  test('accepts further secrets of a peer that connects', async () => {
    const next = crypto.getRandomValues(new Uint8Array(32))
    const both = sharedKey(next, secret)
    expect((await link(sharedKey(secret), both)).state).toBe('open')
    expect((await link(sharedKey(next), both)).state).toBe('open')
  })

  test.each([
    ['fifteen bytes..', '15 bytes'],
    [new Uint8Array(15), '15 bytes'],
    [undefined, 'undefined'],
    [1234567890123456, 'number'],
    [[secret], 'object'],
  ])('takes at least 16 bytes: not %o', (given, said) => {
    const wrong = { code: 'malformed', message: expect.stringContaining(said) }
    expect(() => sharedKey(given as string)).toThrow(expect.objectContaining(wrong))
    expect(() => sharedKey(secret, given as string)).toThrow(expect.objectContaining(wrong))
  })

  test('says what is missing in a page that is not secure', () => {
    vi.stubGlobal('crypto', { getRandomValues: () => {} })
    expect(() => sharedKey(secret)).toThrow(ActorError)
    expect(() => sharedKey(secret)).toThrow(/crypto\.subtle is missing.*https:/)
  })

  test.each(['importKey', 'sign', 'verify'] as const)('whose %s fails ends the link, and says why', async (method) => {
    const { subtle } = crypto
    const broken = new Error('no such algorithm')
    const bound = Object.fromEntries(
      (['importKey', 'sign', 'verify'] as const).map((name) => [name, (subtle[name] as () => unknown).bind(subtle)]),
    )
    vi.stubGlobal('crypto', {
      getRandomValues: crypto.getRandomValues.bind(crypto),
      subtle: { ...bound, [method]: () => Promise.reject(broken) },
    })
    const failing = sharedKey(secret)
    vi.unstubAllGlobals()
    await expect(link(failing, sharedKey(secret))).rejects.toMatchObject({ code: 'unauthorized', cause: broken })
  })
})
