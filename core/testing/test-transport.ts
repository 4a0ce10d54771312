import { Dispatcher } from '../dispatcher.js'
import type { RealmOptions } from '../realm/realm.js'
import type { Transport } from '../transport/transport.js'
import type { Bench } from './cases/case.js'
import { cases } from './cases/index.js'
import { equal } from './expect.js'
import type { probes } from './probe.js'
import { trial } from './random/trial.js'
import { hostileCases } from './hostile-cases.js'
import { rawCases } from './raw-cases.js'
import type { Subject } from './subject.js'

declare const console: { log(text: string): void }

/** Tests that a transport can't pass. */
export interface Skip {
  /** Why; it is added to the test's name. */
  readonly reason: string
  /** The full names of the tests. */
  readonly tests: readonly string[]
}

/** The test runner's functions, such as vitest's. */
export interface Runner {
  describe(name: string, body: () => void): void
  test: ((name: string, body: () => Promise<void>, timeout?: number) => void) & {
    skip(name: string, body: () => Promise<void>): void
  }
}

/** The argument of `testTransport`. */
export interface TransportTest {
  /** The name of the suite. */
  readonly name: string
  /** Starts a fresh far side. Called before each test. */
  readonly open: () => Subject | Promise<Subject>
  /** Tests that the transport can't pass, with the reasons. */
  readonly skip?: readonly Skip[]
  /** Limits of the near dispatcher, such as a short `heartbeat`. */
  readonly limits?: RealmOptions['limits']
  /** How many random trials are run, 8 unless given. */
  readonly trials?: number
  /** The globals `describe` and `test` unless given. */
  readonly runner?: Runner
}

/** Random trials that run at the same time. */
const AT_ONCE = 10

/** Defines the conformance suite, which every transport must pass, as tests of the runner. */
export function testTransport(options: TransportTest): void {
  const { name, open, skip = [], limits = {}, trials = 8, runner = globalThis as unknown as Runner } = options
  const { describe, test } = runner
  const skipped = new Map(skip.flatMap(({ reason, tests }) => tests.map((title) => [title, reason] as const)))
  const check = (title: string, body: () => Promise<void>): void => {
    const reason = skipped.get(title)
    if (reason === undefined) test(title, body, 30_000)
    else test.skip(`${title} (${reason})`, body)
    skipped.delete(title)
  }
  describe(`${name} conforms`, () => {
    for (const [title, body] of cases) check(title, () => withBench(open, limits, body))
    for (const [title, body] of [...rawCases, ...hostileCases]) check(title, () => withRaw(open, body))
    check('settles calls at random once, says truly what ran, keeps their order and leaves nothing', async () => {
      const faults: string[] = []
      for (let seed = 1; seed <= trials; seed += AT_ONCE) {
        const seeds = Array.from({ length: Math.min(AT_ONCE, trials - seed + 1) }, (_, n) => seed + n)
        faults.push(...(await Promise.all(seeds.map((each) => trial(open, each, limits)))).flat())
      }
      console.log(`${name}: ${trials} random trials, seeds 1 to ${trials}`)
      equal(faults.join('\n'), '', 'faults')
    })
    test('skips name real tests', async () => equal([...skipped.keys()].join(), '', 'unknown names in skip'))
  })
}

async function withBench(
  open: TransportTest['open'],
  limits: NonNullable<TransportTest['limits']>,
  body: (bench: Bench) => Promise<void>,
): Promise<void> {
  const subject = await open()
  const near = new Dispatcher({ log: () => {}, limits })
  try {
    const peer = await near.connect<typeof probes>(subject.connector)
    await body({ near, subject, peer, probe: await peer.spawn('Probe') })
    for (const { pending } of near.info().peers) equal(pending, 0, 'calls left over')
    equal(near.info().deadlines, 0, 'deadlines left over')
  } finally {
    await near.close()
    await subject.dispose?.()
  }
  equal(near.info().peers.length, 0, 'links left over')
}

async function withRaw(
  open: TransportTest['open'],
  body: (open: () => Promise<Transport>) => Promise<void>,
): Promise<void> {
  const subject = await open()
  try {
    await body(async () => subject.connector.open(1 << 20))
  } finally {
    await subject.dispose?.()
  }
}
