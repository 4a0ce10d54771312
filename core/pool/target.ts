import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import { type Home, Ref } from '../message/ref.js'
import { answer } from '../message/request.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import { requireRef } from '../proxy/proxy.js'
import type { Router } from '../routing/router.js'
import { Tally } from './tally.js'
import type { Place, Target } from './task.js'
import type { PoolWorker } from './worker.js'

/** What takes the messages of a target. */
export interface Queue {
  put(message: Message, target: Target): void
  /** Calls `listener` when the pool has closed. Returns its undo. */
  onClosed(listener: (reason: unknown) => void): () => void
}

/** What the calls of a pool are made to. */
abstract class PooledRef extends Ref implements Target {
  readonly defaultTimeout = Infinity
  readonly address: Address
  readonly #queue: Queue

  constructor(
    readonly home: Home,
    kind: string,
    queue: Queue,
  ) {
    super()
    const id = home.env.id()
    this.address = { id, name: undefined, path: `/${id}`, kind, realm: home.id }
    this.#queue = queue
  }

  abstract at(worker: PoolWorker): Place | Promise<Place>

  get key(): string {
    return `${this.home.id}/${this.address.id}`
  }

  override get isElsewhere(): boolean {
    return true
  }

  deliver(message: Message): void {
    if (message.access)
      return message.refuse(new ActorError('not-exposed', 'a proxy of a pool has methods, and no properties'))
    this.#queue.put(message, this)
  }

  control(request: Message): void {
    answer(this.home, request, () => {
      if (request.method !== 'ping' && request.method !== 'fence')
        throw new ActorError('unauthorized', `cannot ${request.method} the actors of a pool; close the pool`)
    })
  }

  watch(listener: (reason: unknown) => void): () => void {
    return this.#queue.onClosed(listener)
  }
}

/** What a proxy of a pool stands for: one actor of each worker, made there when it is first called. */
export class PooledActor extends PooledRef {
  constructor(
    home: Home,
    kind: string,
    queue: Queue,
    /** With `tally`, the actor is to count there what it begins. */
    private readonly spawn: (peer: RemotePeer, tally?: Tally) => Promise<object>,
    readonly router: Router | undefined,
  ) {
    super(home, kind, queue)
  }

  async #make({ peer, tallies }: PoolWorker): Promise<Place> {
    const tally = Tally.make()
    if (tally && peer!.link.trusted) {
      try {
        const ref = requireRef(await this.spawn(peer!, tally))
        if (tally.isKept) tallies.set(this, tally)
        return ref
      } catch (error) {
        // A process has no memory in common with another one.
        if (!(error instanceof ActorError) || error.code !== 'uncloneable') throw error
      }
    }
    return requireRef(await this.spawn(peer!))
  }

  at(worker: PoolWorker): Place | Promise<Place> {
    return worker.placeOf(this, () => this.#make(worker))
  }
}

/** The functions that each worker offers. */
export class PooledFunctions extends PooledRef {
  readonly verb = 'run'

  at(worker: PoolWorker): Place {
    return { defaultTimeout: Infinity, deliver: (task: Message) => worker.peer!.link.demand(task) }
  }
}
