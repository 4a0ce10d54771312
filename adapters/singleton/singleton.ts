import {
  type Connecting,
  type Connector,
  type HostedClass,
  type Proxy,
  type SingletonRest,
  type SpawnOptions,
  takePart,
} from '../../core/adapter.js'
import { platform } from './platform.js'

export { leadership } from '../../core/adapter.js'
export type { Leadership, LeadershipEvents, LeadershipState } from '../../core/adapter.js'

/** The options of `singleton`: those of `spawn`, with a name, and `lease`, `version` and `home`. */
export type SingletonOptions<C extends HostedClass> = Omit<SpawnOptions<C>, 'id' | 'name' | 'keep'> & SingletonRest

/**
 * Gives the proxy of an actor that exactly one tab of this origin runs, or, with a `home`, the SharedWorker that all tabs share.
 * All tabs that call it with the same name, and the same class, share one actor. The proxy stays valid: when the tab that leads
 * is closed, crashes or hangs, another one takes over, with the stored state if the class is durable.
 *
 * Calls that are under way then are sent again. A durable actor handles each once, within its `window`; of any other actor,
 * calls that may have been handled reject with `unknown`. Calls wait for the next leader for `lease` and the limit `early`
 * (5,000 ms each unless given), then reject with `unreachable`. To stop the actor, or to dispose the proxy, is to take part no more: if this tab leads,
 * the actor ends in order, and another tab takes over.
 *
 * Takes the dispatcher of this tab, a class that extends `Actor`, and options. The options should be the same in all tabs.
 * Resolves when the actor runs. Rejects as `spawn` does, with `malformed`, with `version` if a tab with a later `version`
 * leads, and with `start-failed` where the platform has no Web Locks: they need `https:` or localhost.
 *
 * ```ts
 * const board = await singleton(dispatcher, Board, { name: 'board' })
 * await board.add('milk')
 * ```
 */
export function singleton<C extends HostedClass>(
  dispatcher: Connecting,
  actor: C,
  options: SingletonOptions<C>,
): Promise<Proxy<InstanceType<C>>>
/** The same for the key of a class in the file of its `home`: the code of the class is not in the page. */
export function singleton<A>(
  dispatcher: Connecting,
  key: string,
  options: SingletonOptions<HostedClass> & { readonly home: Connector },
): Promise<Proxy<A>>
export function singleton(dispatcher: Connecting, actor: unknown, options: SingletonRest): Promise<object> {
  return takePart(platform, dispatcher, actor, options)
}
