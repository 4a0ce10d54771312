import type { ActorError, ErrorCode } from '../ground/errors.js'
import { TRUSTED, UNTRUSTED } from '../ground/limits.js'
import { Op } from '../link/session/op.js'
import type { Transport } from '../transport/transport.js'
import type { AnyTag, Sink } from '../wire/codec.js'
import * as Tag from '../wire/tag.js'
import { assert, equal } from './expect.js'
import type { RawCase } from './raw-cases.js'
import { RawPeer } from './raw-peer.js'
import type { RawReference } from './raw-frame.js'

declare const console: { log(text: string): void }
declare const performance: { now(): number }

/** The length of a name that is made to be slow, and the milliseconds that refusing it may take on a busy machine. */
const LONG = 65_536
const SOON = 1_000
/** Calls that other calls may wait for, and that pass those that wait, have a lane of their own. */
const LANES = 3
const VERBS = ['spawn', 'lookup', 'names', 'members', 'run', 'about', 'end', 'watch', 'ping', 'stop', 'kill', 'info']
VERBS.push('suspend', 'resume', 'fence', 'drain', 'route', 'flow')

interface Linked {
  readonly raw: RawPeer
  readonly actor: RawReference
  readonly transport: Transport
}

/** A peer that was let in and has spawned an actor. */
async function link(open: () => Promise<Transport>): Promise<Linked> {
  const transport = await open()
  const raw = new RawPeer(transport)
  await raw.shakeHands()
  return { raw, actor: await raw.spawn('Probe'), transport }
}

/** The link of a peer that writes this as the argument of a call is ended with that code. */
const refuses =
  (code: ErrorCode, write: (sink: Sink) => void): RawCase[1] =>
  async (open) => {
    const { raw, actor } = await link(open)
    const began = performance.now()
    raw.write((sink) => {
      for (const number of [Op.Call, 1, actor.index]) sink.number(number)
      sink.string('echo')
      sink.number(1)
      write(sink)
    })
    equal((await raw.closed).code, code)
    assert(performance.now() - began < SOON, 'it took too long')
  }

/** What every transport must do against the attacks of SECURITY.md that any peer can try. */
export const hostileCases: readonly RawCase[] = [
  [
    'takes the fields of a payload for fields, whatever they are called',
    async (open) => {
      const { raw, actor } = await link(open)
      const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}'
      raw.call(1, actor, 'echo', JSON.parse(text))
      equal(JSON.stringify((await raw.reply(1)).value), text)
      equal(({} as Record<string, unknown>)['polluted'], undefined)
      raw.close()
    },
  ],
  ['makes only values of the types that there are', refuses('malformed', (sink) => sink.tag(25 as AnyTag))],
  [
    'makes only errors of the classes that there are',
    refuses('malformed', (sink) => {
      sink.tag(Tag.Error)
      sink.number(99)
      sink.string('Evil')
      sink.string('')
      sink.number(0)
    }),
  ],
  [
    'refuses a reference that was never handed out',
    async (open) => {
      const { raw, actor } = await link(open)
      raw.call(1, { index: 4_000 }, 'add', 1, 2)
      equal(((await raw.reply(1)).value as ActorError).code, 'not-found')
      raw.call(2, actor, 'add', 1, 2)
      equal((await raw.reply(2)).value, 3, 'the link goes on')
      raw.write((sink) => {
        for (const number of [Op.Call, 3, actor.index]) sink.number(number)
        sink.string('echo')
        sink.number(1)
        sink.tag(Tag.Yours)
        sink.number(4_000)
      })
      equal((await raw.closed).code, 'malformed')
    },
  ],
  [
    'keeps requests of the dispatcher and messages of actors apart',
    async (open) => {
      const { raw, actor } = await link(open)
      let slot = 1
      for (const verb of VERBS) {
        raw.call(slot, actor, verb, actor.index)
        equal(((await raw.reply(slot++)).value as ActorError).code, 'not-exposed', verb)
      }
      for (const method of ['add', 'echo', 'hangUp', 'close', 'constructor']) {
        raw.send(Op.Request, slot, 0, method, 1, actor.index)
        equal(((await raw.reply(slot++)).value as ActorError).code, 'not-found', method)
      }
      raw.call(slot, actor, 'add', 1, 2)
      equal((await raw.reply(slot)).value, 3)
      raw.close()
    },
  ],
  [
    'reads nothing that is nested without end',
    refuses('too-deep', (sink) => {
      for (let depth = 0; depth < 5_000; depth++) {
        sink.tag(Tag.Array)
        sink.number(1)
      }
      sink.number(0)
    }),
  ],
  [
    'allocates nothing by a count that a payload declares',
    refuses('malformed', (sink) => {
      sink.tag(Tag.Array)
      sink.number(2 ** 32 - 1)
    }),
  ],
  [
    'takes no value that could be awaited',
    refuses('malformed', (sink) => {
      sink.tag(Tag.Object)
      sink.number(1)
      sink.string('then')
      sink.tag(Tag.Function)
      sink.number(0)
    }),
  ],
  [
    'refuses a long name at once',
    async (open) => {
      const { raw, actor } = await link(open)
      const names = ['/'.repeat(LONG), '../'.repeat(LONG / 4), 'a'.repeat(LONG), '\u0000'.repeat(LONG)]
      const began = performance.now()
      for (const [n, name] of names.entries()) {
        raw.send(Op.Request, n + 1, 0, 'lookup', 1, name)
        equal((await raw.reply(n + 1)).value, undefined)
      }
      raw.call(9, actor, 'a'.repeat(LONG))
      equal((await raw.closed).code, 'malformed')
      const took = performance.now() - began
      console.log(`names of 64 KiB were refused within ${(took / (names.length + 1)).toFixed(2)} ms each`)
      assert(took < SOON, `it took ${took} ms`)
    },
  ],
  [
    'tells the stack of an error to trusted peers only',
    async (open) => {
      const { raw, actor, transport } = await link(open)
      raw.call(1, actor, 'throwError')
      const { stack = '', cause } = (await raw.reply(1)).value as Error
      const said = `${stack} ${(cause as Error).stack}`
      equal(said.includes('throwError'), transport.traits.trusted, said)
      raw.close()
    },
  ],
  [
    'admits no more calls than its limit says',
    async (open) => {
      const { raw, actor, transport } = await link(open)
      const { calls } = transport.traits.trusted ? TRUSTED : UNTRUSTED
      raw.call(calls * LANES - 1, actor, 'add', 1, 2)
      equal((await raw.reply(calls * LANES - 1)).value, 3)
      raw.call(calls * LANES, actor, 'add', 1, 2)
      equal((await raw.closed).code, 'protocol')
    },
  ],
  [
    'ends the link of a peer that gives back more than it got',
    async (open) => {
      const { raw, actor } = await link(open)
      raw.send(Op.Release, actor.index, 1_000)
      equal((await raw.closed).code, 'protocol')
    },
  ],
  [
    'ends the link of a peer that sends what is no frame, with a code',
    async (open) => {
      const { raw } = await link(open)
      raw.sendRaw(Uint8Array.of(0xff, 0, 0xff))
      equal((await raw.closed).code, 'malformed')
    },
  ],
]
