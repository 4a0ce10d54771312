import type { Durable } from '../actor/durable.js'
import { checkCount } from '../ground/check-count.js'
import { ActorError } from '../ground/errors.js'
import type { Store } from '../ground/store.js'
import { DurableCell } from './durable-cell.js'

/** The options of `durable`. */
export interface DurableOptions {
  /**
   * Where the state is kept: a store, such as `sqlite(…)` or `indexedDb(…)`, or a function that returns one. The option
   * `store` of the dispatcher unless given.
   */
  readonly store?: Store | (() => Store)
  /** The version of what `snapshot` returns: a whole number of 1 or more, 1 unless given. `restore` gets that of the state. */
  readonly version?: number
  /** How many outcomes of calls are kept, so that a call which is sent again is not handled again. 1,000 unless given. */
  readonly window?: number
  /**
   * What happens when something cannot be stored. `restart`, unless given: the calls reject with `stored-failed`, and the
   * actor is restarted with the state that is stored. `continue`: the actor goes on in memory, and stores again later.
   */
  readonly unsaved?: 'restart' | 'continue'
}

/** What a cell is made with. */
export interface Durability {
  readonly name: string
  readonly store: Store
  readonly version: number
  readonly window: number
  readonly unsaved: 'restart' | 'continue'
}

/**
 * Makes the actors of a class durable: `static durable = durable({ store })`. The class needs `snapshot()` and
 * `restore(state, version)`, and each actor a `name` or an `id`, under which its state is found again.
 *
 * The state is stored after each handled message. Replies and one-way messages leave once it is. Throws `malformed` for wrong
 * options.
 */
export function durable(options: DurableOptions = {}): Durable {
  const { version = 1, window = 1_000, unsaved = 'restart', store: given } = check(options)
  let own = typeof given === 'function' ? undefined : given
  return {
    make(home, id, instance, origin) {
      const { id: ownId, name: ownName = ownId, storedAs: name = ownName } = origin?.options ?? {}
      const { name: kind } = instance.constructor
      // One store for all actors of the class.
      if (typeof given === 'function') own ??= opened(given, kind)
      const store = own ?? home.store
      const { snapshot, restore } = instance as { snapshot?: unknown; restore?: unknown }
      if (typeof snapshot !== 'function' || typeof restore !== 'function')
        throw new ActorError('malformed', `${kind} is durable and needs snapshot() and restore(state, version)`)
      if (name === undefined)
        throw new ActorError('malformed', `${kind} is durable: spawn it with a 'name', under which its state is stored`)
      if (!isStore(store))
        throw new ActorError(
          'malformed',
          `${kind} is durable and has no store: durable({ store }) or new Dispatcher({ store }), such as memoryStore()`,
        )
      return new DurableCell(home, id, instance, origin, { name, store, version, window, unsaved })
    },
  }
}

function opened(open: () => Store, kind: string): Store {
  try {
    return open()
  } catch (cause) {
    throw new ActorError('stored-failed', `the store of ${kind} was not opened`, { cause })
  }
}

const isStore = (store: Partial<Store> | undefined): store is Store =>
  typeof store?.read === 'function' && typeof store.commit === 'function'

function check(options: DurableOptions): DurableOptions {
  if (typeof options !== 'object' || options === null)
    throw new ActorError('malformed', 'durable takes an object of options, such as { store, version: 2 }')
  const { store, version, window, unsaved } = options
  if (store !== undefined && typeof store !== 'function' && !isStore(store))
    throw new ActorError('malformed', "'store' must be a store, such as memoryStore(), or a function that returns one")
  if (version !== undefined) checkCount('version', version, 1)
  if (window !== undefined) checkCount('window', window)
  if (unsaved !== undefined && unsaved !== 'restart' && unsaved !== 'continue')
    throw new ActorError('malformed', "'unsaved' must be 'restart' or 'continue'")
  return options
}
