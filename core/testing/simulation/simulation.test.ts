import { describe, expect, test } from 'vitest'
import { Actor, type ActorError, ask, type Dispatcher, type Proxy, tell } from '../../index.js'
import * as scenarios from './fixtures/scenarios.js'
import { explore, SimulationFailure } from './explore.js'
import type { Judge } from './judge.js'
import { liveness, safety } from './judge.js'
import { type Oracle, randomOracle, replayOracle, searchOracles } from './oracle.js'
import { type Scenario, simulate } from './simulate.js'
import type { Trouble } from './trouble.js'
import type { World } from './world.js'

/** Always the plainest possibility. */
const plain: Oracle = { choose: () => 0 }

class Echo extends Actor {
  echo(value: unknown): unknown {
    return value
  }
  async slow(value: unknown): Promise<unknown> {
    await new Promise<void>((resolve) => {
      const undo = this.context.every(10, () => {
        undo()
        resolve()
      })
    })
    return value
  }
}

interface Pair {
  readonly client: Dispatcher
  readonly server: Dispatcher
  readonly echo: Proxy<Echo>
}

async function pair(world: World): Promise<Pair> {
  const [server, client] = [world.dispatcher('server'), world.dispatcher('client')]
  await server.spawn(Echo, { name: 'echo' })
  await server.listen(world.listener(server), { names: ['echo'] })
  const peer = await client.connect(world.connector(client, 'server'))
  return { client, server, echo: (await peer.lookup<Echo>('echo'))! }
}

const failureOf = (promise: Promise<unknown>): Promise<SimulationFailure> =>
  promise.then(
    () => {
      throw new Error('nothing failed')
    },
    (error: SimulationFailure) => error,
  )

describe('a simulated run', () => {
  test('is the same each time that the same choices are made', async () => {
    const first = await simulate(scenarios.server, randomOracle(7))
    const again = await simulate(scenarios.server, randomOracle(7))
    const replayed = await simulate(scenarios.server, replayOracle(first.choices))
    const other = await simulate(scenarios.server, randomOracle(8))
    expect(first.fault).toBeUndefined()
    expect(again).toEqual(first)
    expect(replayed).toEqual(first)
    expect(other.digest).not.toBe(first.digest)
  })

  // In Node and in Chromium. The file is written anew by `npx vitest run -u`, after a change of what the core sends or when.
  test('is the same on each platform', async () => {
    const lines: string[] = []
    for (const [name, scenario] of Object.entries(scenarios).sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (let seed = 1; seed <= 5; seed++) {
        const { fault, digest, trace } = await simulate(scenario, randomOracle(seed))
        expect(fault).toBeUndefined()
        lines.push(`${name} ${seed}: ${digest}, ${trace.length} lines`)
      }
    }
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./fixtures/digests.txt')
  })

  test('takes no time: an hour goes by when nothing else can happen', async () => {
    let at = 0
    const { fault, trace } = await simulate(async (world) => {
      const { echo } = await pair(world)
      const slept = world.sleep(3_600_000).then(() => (at = world.now))
      expect(await echo.echo('a')).toBe('a')
      expect(world.now).toBe(0)
      await slept
    }, plain)
    expect(fault).toBeUndefined()
    expect(at).toBe(3_600_000)
    expect(trace).toContain('0 ms: server #1 call')
  })

  test('fails with what the scenario throws, and where it waits for what never comes', async () => {
    const thrown = await simulate(() => Promise.reject(new TypeError('a bug')), plain)
    expect(thrown.fault).toBe('the scenario failed: TypeError: a bug')
    const stuck = await simulate(() => new Promise(() => {}), plain)
    expect(stuck.fault).toContain('nothing can happen any more')
  })

  test('refuses an oracle that chooses what there is not', async () => {
    const { fault } = await simulate(async (world) => void world.choose(3, 'way'), { choose: () => 3 })
    expect(fault).toContain("the oracle chose 3 of 3 for 'way'")
  })

  test('goes on when a dispatcher crashes: calls of others settle, and its own need not', async () => {
    const codes: unknown[] = []
    const { fault } = await simulate(async (world) => {
      const { client, server, echo } = await pair(world)
      const other = world.dispatcher('other')
      const peer = await other.connect(world.connector(other, 'server'))
      const from = (await peer.lookup<Echo>('echo'))!
      void world.history.ask('other', () => from.slow('b'), other)
      const slow = echo.slow('a')
      slow.catch(({ code }: ActorError) => codes.push(code))
      await world.sleep(1)
      world.crash(other)
      world.crash(server)
      await world.sleep(200_000)
      expect(world.dispatchers).toEqual([client])
    }, plain)
    expect(fault).toBeUndefined()
    expect(codes).toEqual(['timeout'])
  })
})

describe('judges', () => {
  const run = (scenario: Scenario, judges?: readonly Judge[]): Promise<string | undefined> =>
    simulate(scenario, plain, judges).then(({ fault }) => fault)

  test('see a message that runs twice, or out of order, or that nobody sent', async () => {
    const twice = await run(async ({ history }) => {
      history.tell('a to b', (id) => [history.ran(id), history.ran(id)])
    })
    expect(twice).toBe('a to b 1 ran 2 times')
    const late = await run(async ({ history }) => {
      const ids: string[] = []
      for (let n = 0; n < 2; n++) history.tell('a to b', (id) => ids.unshift(id))
      for (const id of ids) history.ran(id)
    })
    expect(late).toBe('a to b 1 ran after a to b 2, which was sent later')
    expect(await run(async ({ history }) => history.ran('x'))).toBe('x ran and was never sent')
  })

  test('see an error that says of what ran that it did not, and an answer to what did not run', async () => {
    const denied = await run(async (world) => {
      const { echo } = await pair(world)
      await world.history
        .ask('a to b', (id) => {
          world.history.ran(id)
          return (echo as unknown as { nothing(): Promise<void> }).nothing()
        })
        .catch(() => {})
    })
    expect(denied).toBe('a to b 1 ran, and its error (not-exposed) says that it did not')
    const made = await run(async ({ history }) => void (await history.ask('a to b', async () => 'an answer')))
    expect(made).toBe('a to b 1 was answered and never ran')
  })

  test('see a call that is never settled', async () => {
    const endless = await run(async ({ history }) => void history.ask('a to b', () => new Promise(() => {})))
    expect(endless).toBe('a to b 1: never settled')
    // Without the judge of liveness nothing is wrong.
    expect(await run(async ({ history }) => void history.ask('a', () => new Promise(() => {})), [safety])).toBe(
      undefined,
    )
  })

  test('of a user are asked at each step, at the end, and after close', async () => {
    const asked = new Set<string>()
    const judge: Judge = {
      step: () => void asked.add('step'),
      end: ({ dispatchers }) => void asked.add(`end with ${dispatchers.length}`),
      closed: ({ now }) => (now >= 0 ? 'too late' : undefined),
    }
    expect(await run(async (world) => void (await pair(world)), [safety, liveness, judge])).toBe('too late')
    expect([...asked]).toEqual(['step', 'end with 2'])
  })
})

describe('trouble', () => {
  /** Lets one kind of trouble happen at each step until it has happened once. */
  const causing: Oracle = { choose: (n, what) => (what === 'trouble' ? n - 1 : 0) }

  test.each<Trouble>(['delay', 'cut', 'half-close', 'freeze', 'refuse', 'sleep'])(
    '%s is overcome: all calls arrive once and in order',
    async (kind) => {
      const heard: unknown[] = []
      const { fault, trace } = await simulate(async (world) => {
        const { echo } = await pair(world)
        world.trouble({ kinds: [kind], most: 1 })
        const calls = [1, 2, 3].map((n) =>
          ask(echo, { timeout: 200_000 })
            .echo(n)
            .then((value) => heard.push(value)),
        )
        await Promise.all(calls)
      }, causing)
      expect(fault).toBeUndefined()
      expect(heard).toEqual([1, 2, 3])
      expect(trace.filter((line) => line.includes(`trouble: ${kind}`))).toHaveLength(1)
    },
  )

  // A bus keeps the order of what one member sends, and neither loses nor repeats it. Links on one that does not are closed.
  test.each<[Trouble, string]>([
    ['drop', 'never settled'],
    ['double', 'ran 2 times'],
    ['reorder', 'which was sent later'],
  ])('%s of a bus is found', async (kind, said) => {
    const scenario: Scenario = async (world) => {
      const all = ['a', 'b'].map((id) => world.dispatcher(id))
      const [a, b] = all as [Dispatcher, Dispatcher]
      class Room extends Actor {
        async say(id: string): Promise<void> {
          world.history.ran(id)
          await world.sleep(5, this.context.dispatcher)
        }
      }
      await b.spawn(Room, { name: 'room' })
      await Promise.all(all.map((each) => each.join(world.bus(each))))
      const room = (await a.lookup<Room>('room'))!
      world.trouble({ kinds: [kind], most: 1, every: 2 })
      for (let n = 0; n < 3; n++) {
        world.history.tell('a to b', (id) => tell(room).say(id))
        void world.history.ask('a to b', (id) => room.say(id)).catch(() => {})
      }
      await world.sleep(1_000)
    }
    const { message } = await failureOf(explore(scenario, { seeds: 50 }))
    expect(message).toContain(said)
  })
})

describe('explore', () => {
  /** Fails if the third choice is 4 and a later one is 2. */
  const picky: Scenario = async (world) => {
    const choices = Array.from({ length: 8 }, () => world.choose(6, 'pick'))
    if (choices[2] === 4 && choices.slice(3).includes(2)) world.history.blame('4 and 2')
  }

  test('counts what it ran', async () => {
    const { runs, steps } = await explore(async (world) => void (await pair(world)), { seeds: 3 })
    expect(runs).toBe(3)
    expect(steps).toBeGreaterThan(30)
  })

  test('tells the seed, and the least choices that fail', async () => {
    const failure = await failureOf(explore(picky, { seeds: 500 }))
    expect(failure).toBeInstanceOf(SimulationFailure)
    expect(failure.run.choices.filter((choice) => choice > 0)).toEqual([4, 2])
    expect(failure.message).toContain(`[troupe] seed ${failure.seed} fails: 4 and 2`)
    expect(failure.message).toContain(`replayOracle([${failure.run.choices.join(', ')}])`)
    expect((await simulate(picky, randomOracle(failure.seed))).fault).toBe('4 and 2')
    expect((await simulate(picky, replayOracle(failure.run.choices))).fault).toBe('4 and 2')
    const exact = await failureOf(explore(picky, { seeds: 1, first: failure.seed, shrink: 0 }))
    expect(exact.run.choices.length).toBeGreaterThan(failure.run.choices.length)
  })

  test('goes through all choices in order', async () => {
    const seen: string[] = []
    const scenario: Scenario = async (world) => {
      const first = world.choose(2, 'first')
      seen.push(`${first}${first === 1 ? world.choose(3, 'second') : ''}`)
    }
    expect(await explore(scenario, { oracles: searchOracles({ runs: 100 }) })).toMatchObject({ runs: 4 })
    expect(seen).toEqual(['0', '10', '11', '12'])
    await explore(scenario, { oracles: searchOracles({ runs: 100, depth: 1 }) })
    expect(seen.slice(4)).toEqual(['0', '10'])
    const failure = await failureOf(explore(picky, { oracles: searchOracles({ runs: 1_000, depth: 4 }) }))
    expect(failure.run.choices).toEqual([0, 0, 4, 2])
  })
})

test.each<[string, () => Promise<unknown>]>([
  ['no scenario', () => simulate(undefined as never, plain)],
  ['no oracle', () => simulate(async () => {}, undefined as never)],
  ['an unknown judge', () => simulate(async () => {}, plain, [{ steps: () => 'x' } as never])],
  ['no seeds', () => explore(async () => {}, { seeds: 0 })],
  ['seeds that are no number', () => explore(async () => {}, { seeds: Number.NaN })],
])('%s is refused', async (_, run) => {
  await expect(run()).rejects.toMatchObject({ code: 'malformed' })
})

test.each<[string, (world: World) => unknown]>([
  ['a sleep of no time', (world) => world.sleep(Number.NaN)],
  ['unknown trouble', (world) => world.trouble({ kinds: ['nope' as never] })],
  ['a choice among none', (world) => world.choose(0, 'x')],
  [
    'what is thrown at once',
    () => {
      throw new TypeError('at once')
    },
  ],
])('%s is a fault of the run, and its cause', async (_, act) => {
  const failure = await explore(async (world) => void (await act(world)), { seeds: 1 }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ name: 'SimulationFailure', cause: expect.any(Error) })
})
