import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import { type Home, Ref } from '../message/ref.js'
import { answer } from '../message/request.js'

/** What sends each message of a proxy to one of several actors. */
export interface Balancer {
  /** Why nothing is sent any more, once that is so. */
  readonly reason: ActorError | undefined
  put(message: Message, ref: BalancedRef): void
  /** Calls `listener` when nothing is sent any more. Returns its undo. */
  onClosed(listener: (reason: unknown) => void): () => void
}

/** What a proxy stands for whose calls go to one of several actors. It belongs to its realm, and none of them is told of it. */
export class BalancedRef extends Ref {
  readonly defaultTimeout = Infinity
  readonly address: Address

  constructor(
    readonly home: Home,
    kind: string,
    readonly balancer: Balancer,
  ) {
    super()
    const id = home.env.id()
    this.address = { id, name: undefined, path: `/${id}`, kind, realm: home.id }
  }

  get key(): string {
    return `${this.home.id}/${this.address.id}`
  }

  override get isElsewhere(): boolean {
    return true
  }

  deliver(message: Message): void {
    if (!message.access) return this.balancer.put(message, this)
    message.refuse(new ActorError('not-exposed', 'a proxy of several actors has methods, and no properties'))
  }

  control(request: Message): void {
    answer(this.home, request, () => {
      const { method } = request
      if (method === 'ping' && this.balancer.reason) throw this.balancer.reason
      if (method !== 'ping' && method !== 'fence')
        throw new ActorError('unauthorized', `${method}() is not for a proxy of several actors`)
    })
  }

  watch(listener: (reason: unknown) => void): () => void {
    return this.balancer.onClosed(listener)
  }
}
