import type { ActorError } from '../ground/errors.js'
import { Op } from '../link/session/op.js'
import type { Transport } from '../transport/transport.js'
import { equal } from './expect.js'
import { RawPeer } from './raw-peer.js'

export type RawCase = readonly [name: string, body: (open: () => Promise<Transport>) => Promise<void>]

const FORBIDDEN = [
  ...new Set(
    [Object.prototype, Function.prototype, Array.prototype, Promise.prototype].flatMap((proto) =>
      Object.getOwnPropertyNames(proto),
    ),
  ),
  'then',
  'toJSON',
  '__proto__',
  'prototype',
  'context',
  'onStart',
  'onStop',
  '_hidden',
  '#log',
  'nothing of that name',
]

/** A graph so deep, each of whose nodes holds the next one twice: small as a frame, endless as a text. */
function shared(depth: number): unknown {
  let node: unknown = []
  for (let n = 0; n < depth; n++) node = [node, node]
  return node
}

/** What every transport must do against a peer that speaks the protocol by hand. */
export const rawCases: readonly RawCase[] = [
  [
    'refuses every name that is no public method, and pollutes nothing',
    async (open) => {
      const raw = new RawPeer(await open())
      await raw.shakeHands()
      const actor = await raw.spawn('Probe')
      let slot = 1
      const isRefused = async (name: string): Promise<void> => {
        const { op, value } = await raw.reply(slot++)
        equal(op, Op.Fail, name)
        equal((value as ActorError).code, 'not-exposed', name)
      }
      for (const name of [...FORBIDDEN, 'level', 'fixed']) {
        raw.call(slot, actor, name, { polluted: true })
        await isRefused(name)
      }
      for (const name of [...FORBIDDEN, 'add', 'record', 'unlisted']) {
        raw.property(slot, actor, name)
        await isRefused(name)
        raw.property(slot, actor, name, { polluted: true })
        await isRefused(name)
      }
      equal(({} as Record<string, unknown>)['polluted'], undefined)
      raw.call(slot, actor, 'add', 1, 2)
      equal((await raw.reply(slot++)).value, 3, 'the link goes on')
      raw.property(slot, actor, 'level')
      equal((await raw.reply(slot)).value, 0, 'and nothing was written')
      raw.close()
    },
  ],
  [
    'makes no text of a graph that a peer sends before it is let in',
    async (open) => {
      const raw = new RawPeer(await open())
      raw.hello({ version: shared(30) })
      equal((await raw.closed).code, 'version')
    },
  ],
  [
    'makes no text of a graph that a peer asks for',
    async (open) => {
      const raw = new RawPeer(await open())
      await raw.shakeHands()
      for (const [slot, verb] of ['spawn', 'lookup', 'run', 'stop', 'route', 'flow', 'watch'].entries()) {
        raw.send(Op.Request, slot, 0, verb, 2, shared(30), shared(30))
        await raw.reply(slot)
      }
      raw.close()
    },
  ],
  [
    'closes the link of a peer that breaks the protocol, with a code',
    async (open) => {
      const raw = new RawPeer(await open())
      await raw.shakeHands()
      raw.send(Op.Result, 12_345, 'an answer to a call that was never made')
      equal((await raw.closed).code, 'protocol')
    },
  ],
]
