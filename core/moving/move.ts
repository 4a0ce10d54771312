import { ActorError } from '../ground/errors.js'
import { checkMilliseconds } from '../ground/milliseconds.js'
import { noticed } from '../message/call-promise.js'
import { RemotePeer } from '../peers/remote-peer.js'
import { refOf, requireRef } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import { REALM, type Realm } from '../realm/realm.js'
import { movingOf } from './moving.js'

/** Milliseconds that a move may take. */
const TIMEOUT = 30_000

/** Where an actor is moved to: a peer, or a dispatcher. */
export interface Destination {
  readonly id: string
}

/** The options of `move`. */
export interface MoveOptions {
  /**
   * Milliseconds in which the handlers that run must have finished, and the other realm must have taken the actor; 30,000
   * unless given. `Infinity` for no limit.
   */
  readonly timeout?: number
}

/**
 * Moves an actor to another realm, with its state. Messages wait meanwhile, and follow it in order: none is lost, and none
 * is handled twice. All proxies stay valid, and so do its names.
 *
 * Takes the proxy; a peer, or the dispatcher of this realm, which pulls the actor here; and options. The class says
 * `static movable = movable(key)`, and has `snapshot` and `restore`. The peer must offer it under that key, unless the actor
 * has been there before. If the actor is not in this realm, its own realm is asked to move it: that takes the right to stop
 * the actor, and a link between that realm and the other one, or a way over this realm, if the actor has been here.
 *
 * In the new realm an instance is made of the same arguments. It gets `restore(state, version)`, then `onStart`. The old one
 * gets `onStop('moved')` once the actor has left. Functions that it handed out end.
 *
 * Resolves when the actor goes on in the other realm; at once if a handler of the actor itself calls it before its first
 * `await`. Where it rejects, the actor goes on where it was, unless the code is `unknown`; on a way over this realm it may
 * have come here. Codes: `malformed`; `not-movable` for a class that lacks something, a child, an actor with children, an
 * open stream or a mailbox of its own, and if `snapshot` throws; `uncloneable` and `too-large` for a state that can't be
 * sent; `timeout`; `stopped`; `unreachable` without a link, or for an actor that is out of reach; those of `peer.spawn`,
 * such as `not-found`, `unauthorized`, `name-taken`, `quota`, and `start-failed` if `restore` or `onStart` throws;
 * `unknown` if the link ended at the moment in which the other realm took over: the actor goes on there or has ended, and
 * never goes on here.
 */
export const move = (proxy: Proxy<unknown>, to: Destination, options: MoveOptions = {}): Promise<void> =>
  noticed(
    (async () => {
      const ref = requireRef(proxy)
      const home = ref.home as Realm
      const isPeer = to instanceof RemotePeer
      if (!isPeer && !(REALM in (Object(to) as object)))
        throw new ActorError('malformed', 'move takes a proxy, and a peer or a dispatcher')
      const timeout = checkMilliseconds('timeout', options.timeout) ?? TIMEOUT
      const link = isPeer && to.link.realm === home ? to.link : undefined
      await movingOf(home).move(ref, { id: to.id, link }, timeout)
    })(),
    'move',
    refOf(proxy)?.callee,
  )
