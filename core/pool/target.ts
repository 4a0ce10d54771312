import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import type { Home } from '../message/ref.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import { requireRef } from '../proxy/proxy.js'
import { BalancedRef, type Balancer } from '../routing/balanced-ref.js'
import type { Router } from '../routing/router.js'
import { Tally } from './tally.js'
import type { Place, Target } from './task.js'
import type { PoolWorker } from './worker.js'

/** What a proxy of a pool stands for: one actor of each worker, made there when it is first called. */
export class PooledActor extends BalancedRef implements Target {
  constructor(
    home: Home,
    kind: string,
    queue: Balancer,
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
export class PooledFunctions extends BalancedRef implements Target {
  readonly verb = 'run'

  at(worker: PoolWorker): Place {
    return { defaultTimeout: Infinity, deliver: (task: Message) => worker.peer!.link.demand(task) }
  }
}
