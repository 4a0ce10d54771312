import { ActorError, type HostedClass, type Proxy } from '../../core/adapter.js'
import { Deferred } from '../../core/ground/deferred.js'
import type { Dispatcher } from '../../core/index.js'
import { monitor } from '../../core/proxy/monitor.js'
import { kill } from '../../core/proxy/verbs.js'
import { requireRealm } from '../../core/realm/realm.js'
import type { SpawnRest } from '../../core/supervision/spawn-options.js'
import { given, has } from '../base/given.js'
import { within } from '../engines/persevere.js'
import { type Claim, type Claims, TIMEOUT } from './claims.js'
import { Leases } from './leases.js'
import { checkName } from './name.js'

/** A name that an actor of the cluster has. */
export interface ClusterName {
  readonly name: string
  /** The id of the dispatcher that gave it the name. */
  readonly realm: string
  /** A number that is larger than those of all who had the name before. */
  readonly token: number
}

/**
 * Names of actors that are unique in a cluster. The server keeps them, and forgets those of a process that ends when its lease
 * is over. A lookup by name goes over the bus, as any other: `dispatcher.lookup(name)`.
 *
 * Its calls reject with `unreachable` if the server can't be reached for 10 s, and with `unknown` if it does not answer, or too
 * late for the lease.
 */
export class ClusterDirectory {
  readonly #dispatcher: Dispatcher
  readonly #claims: Claims
  readonly #leases: Leases
  /** The claims of this process, by name. */
  readonly #own = new Map<string, Claim>()
  readonly #releasing = new Set<Promise<unknown>>()

  /** `name` is the function that was called. Throws `malformed`. */
  constructor(name: string, dispatcher: Dispatcher, claims: Claims) {
    if (!has(dispatcher, 'spawn', 'register', 'unregister'))
      throw new ActorError('malformed', `${name} takes a dispatcher first, not ${given(dispatcher)}`)
    this.#dispatcher = dispatcher
    this.#claims = claims
    this.#leases = new Leases(claims)
    // Also where it closes already: the end of one wait is the end of all.
    const left = new Deferred<void>()
    // By then its actors have ended: others may have their names before the client is closed.
    requireRealm(dispatcher, name).ends.add(async ({ mode, timeout = 0 }) => {
      for (const own of this.#own.keys()) void this.#release(own)
      const released = Promise.all(this.#releasing)
      await within(mode === 'kill' ? 0 : timeout, Promise.race([released, left.promise])).catch(() => {})
      left.resolve()
    })
  }

  /**
   * As `dispatcher.spawn`, with a `name` that no other actor has that was given its name so. It is given back when the actor
   * ends. If this process can't renew its lease, another one may take the name: then the actor is killed.
   *
   * Rejects with `name-taken` besides what `spawn` rejects with.
   */
  async spawn<C extends HostedClass>(actor: C, ...rest: SpawnRest<C>): Promise<Proxy<InstanceType<C>>> {
    const { name } = (rest[0] ?? {}) as { readonly name?: string }
    return this.#claimed(
      name!,
      () => this.#dispatcher.spawn(actor, ...rest),
      (proxy) => void kill(proxy as Proxy<unknown>).catch(() => {}),
    )
  }

  /**
   * As `dispatcher.register`, with a name that is unique in the cluster. It is given back when the actor ends, and removed from
   * this dispatcher if this process can't renew its lease. Rejects with `name-taken` besides what `register` throws.
   */
  async register(name: string, proxy: Proxy<unknown>): Promise<void> {
    await this.#claimed(
      name,
      async () => {
        this.#dispatcher.register(name, proxy)
        return proxy
      },
      () => void this.#dispatcher.unregister(name),
    )
  }

  /** Gives back a name that this process gave to an actor. Returns whether it had. */
  async unregister(name: string): Promise<boolean> {
    if (!this.#own.has(name)) return false
    this.#dispatcher.unregister(name)
    await this.#release(name)
    return true
  }

  /** Whether some actor of the cluster has the name. */
  async exists(name: string): Promise<boolean> {
    return (await this.#claims.find(checked(name), TIMEOUT)) !== undefined
  }

  /** All names. */
  async actors(): Promise<readonly ClusterName[]> {
    const claims = await this.#claims.list(TIMEOUT)
    return claims.map(({ name, token, value }) => ({ name, realm: value, token }))
  }

  /** The token of a name that this process gave to an actor; undefined for any other. */
  token(name: string): number | undefined {
    return this.#own.get(name)?.token
  }

  /** `lost` is called if the name is lost, once there is a proxy. */
  async #claimed<P>(name: string, give: () => Promise<P>, lost: (proxy: P) => void): Promise<P> {
    const { id } = this.#dispatcher
    let isLost = false
    const named: P[] = []
    const lose = (): void => {
      isLost = true
      this.#own.delete(name)
      for (const proxy of named) lost(proxy)
    }
    const { isGranted, claim } = await this.#leases.claim(checked(name), crypto.randomUUID(), id, Infinity, lose)
    if (!isGranted)
      throw new ActorError('name-taken', `the name '${name}' is taken in the cluster, in the realm ${claim.value}`)
    this.#own.set(name, claim)
    try {
      const proxy = await give()
      if (isLost) lost(proxy)
      else named.push(proxy)
      void monitor(proxy as Proxy<unknown>).down.then(() => this.#release(name, claim))
      return proxy
    } catch (error) {
      await this.#release(name, claim)
      throw error
    }
  }

  /** Never rejects: if the server can't be reached, the lease ends by itself. */
  async #release(name: string, claim = this.#own.get(name)): Promise<void> {
    if (!claim || !this.#leases.delete(claim)) return
    this.#own.delete(name)
    const releasing = this.#claims.release(claim, this.#claims.lease).catch(() => {})
    this.#releasing.add(releasing)
    await releasing
    this.#releasing.delete(releasing)
  }
}

/** Throws `malformed` for what can be no name. */
function checked(name: string): string {
  checkName(name, 'an actor')
  if (!name.includes('/')) return name
  throw new ActorError('malformed', "a name in a directory is a text without '/'")
}
