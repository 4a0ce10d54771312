import { describe, expect, test, vi } from 'vitest'
import { hostOn } from '../host.js'
import { Actor, type ActorError, Dispatcher } from '../index.js'
import { bus } from '../serving/joining.js'
import { single } from '../serving/listening.js'
import { pair } from '../transport/pair.js'
import type { LinkOffer } from './link-offer.js'

class Admin extends Actor {
  secret(): string {
    return 'secret'
  }
}

/** Offers that are wrong, for example with a text that has the names of other actors as its parts. */
const WRONG: { readonly [what: string]: LinkOffer } = {
  'names that are one text': { names: 'public-admin' as never },
  'names that are null': { names: null as never },
  'names that are a set': { names: new Set(['admin']) as never },
  'a name that is a number': { names: [5] as never },
  ...Object.fromEntries(
    [null, false, 0, '', true, 'secret', {}].map((authorize) => [
      `${JSON.stringify(authorize)} as authorize`,
      { authorize: authorize as never },
    ]),
  ),
  'a function that is a number': { functions: { f: 5 as never } },
  'a function that is an object': { functions: { f: {} as never } },
  'a function that is undefined': { functions: { f: undefined as never } },
}

test.each([undefined, null, 5, 'Admin', {}, Object.create(null), class {}])(
  'an offer with %s as an actor is malformed where nothing else brings what hosts actors',
  async (actor) => {
    await using dispatcher = new Dispatcher()
    const open = vi.fn<never>()
    const connecting = dispatcher.connect({ open }, { actors: { Admin: actor as object } })
    await expect(connecting).rejects.toMatchObject({ code: 'malformed' })
    expect(open).not.toHaveBeenCalled()
  },
)

test.each([undefined, null, 5, 'Admin'])(
  'an offer with %s beside an actor is malformed, and no actor runs',
  async (wrong) => {
    await using dispatcher = new Dispatcher()
    const actors = { admin: new Admin(), Admin: wrong as never }
    for (const verb of [
      dispatcher.listen(single(pair()[0]), { actors }),
      dispatcher.connect({ open: vi.fn<never>() }, { actors }),
    ])
      await expect(verb).rejects.toThrow(`'actors' has ${wrong === null ? 'null' : typeof wrong} as 'Admin'`)
    expect(dispatcher.info().actors).toEqual([])
  },
)

describe.each(Object.entries(WRONG))('an offer with %s', (_, wrong) => {
  test('is malformed for listen, connect and join', async () => {
    await using dispatcher = new Dispatcher()
    const open = vi.fn<never>()
    const offer = { actors: { Admin }, ...wrong }
    for (const verb of [
      dispatcher.listen(single(pair()[0]), offer),
      dispatcher.connect({ open }, offer),
      dispatcher.join(bus(open), offer),
    ])
      await expect(verb).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
    expect(open).not.toHaveBeenCalled()
  })

  test('is malformed for host: the error is logged, and no peer gets in', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const [near, far] = pair({ trusted: false })
    await using dispatcher = new Dispatcher()
    hostOn(single(far), { Admin }, wrong)
    await expect(dispatcher.connect(near)).rejects.toMatchObject({ code: 'unreachable' })
    const malformed = expect.objectContaining({ code: 'malformed' }) as ActorError
    expect(log.mock.calls).toEqual([[expect.stringContaining('host() cannot offer'), malformed]])
    log.mockRestore()
  })
})

test.each([{ names: 'public-admin' }, { names: null }, { names: [5] }, { actors: 'AdminClass' }, { actors: 5 }])(
  'a peer to which authorize grants %j is refused, and the log of the listener says why',
  async (grant) => {
    const log = vi.fn<(entry: { error: unknown }) => void>()
    await using host = new Dispatcher({ log })
    await using dispatcher = new Dispatcher()
    await host.spawn(Admin, { name: 'admin' })
    const [near, far] = pair({ trusted: false })
    await host.listen(single(far), { actors: { Admin }, authorize: () => grant as never })
    await expect(dispatcher.connect(near)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(log).toHaveBeenCalledOnce()
    const { error } = log.mock.calls[0]![0]
    expect(error).toMatchObject({ code: 'unauthorized' })
    expect(String(error)).toContain("'actors' and 'names' must be lists of names")
  },
)
