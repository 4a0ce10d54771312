import { expect, test, vi } from 'vitest'
import { Actor, kill, type Proxy, stop, suspend, tell } from '../index.js'
import { linkedPair } from '../testing/index.js'

class Quiet extends Actor {
  hi(): string {
    return 'hi'
  }
  boom(): never {
    throw new Error('boom')
  }
}

/** An actor in this realm or behind a link, and the dead letters of its own realm. */
async function realms(where: string) {
  const { near, far, peer, close } = await linkedPair({ actors: { Quiet }, dispatcher: { log: () => {} } })
  const spawn = async (mailbox = {}): Promise<Proxy<Quiet>> =>
    where === 'here' ? near.spawn(Quiet, { mailbox }) : peer.spawn('Quiet', { mailbox })
  const home = where === 'here' ? near : far
  const letters: [string, unknown][] = []
  home.on('dead-letter', ({ about, reason }) => letters.push([about.split('(')[0]!, (reason as { code: string }).code]))
  return { home, letters, spawn, [Symbol.asyncDispose]: () => close() }
}

test.each(['here', 'there'])('what no handler takes and nobody awaits is one dead letter %s', async (where) => {
  await using r = await realms(where)
  const full = await r.spawn({ limit: 1 })
  await suspend(full)
  tell(full).hi()
  tell(full).boom()
  await vi.waitFor(() => expect(r.letters).toEqual([['boom', 'overloaded']]))
  await kill(full)
  tell(full).boom()
  await vi.waitFor(() =>
    expect(r.letters.slice(1)).toEqual([
      ['hi', 'stopped'],
      ['boom', 'stopped'],
    ]),
  )
  const quiet = await r.spawn()
  tell(quiet as unknown as Proxy<{ nope(): void }>).nope()
  await vi.waitFor(() => expect(r.letters.slice(3)).toEqual([['nope', 'not-exposed']]))
  tell(quiet).boom()
  expect(await quiet.hi()).toBe('hi')
  await stop(quiet)
  expect(r.home.info()).toMatchObject({ deadLetters: 4 })
})
