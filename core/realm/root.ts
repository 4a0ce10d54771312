import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import type { Realm } from './realm.js'
import { Ref, type Verb } from '../message/ref.js'
import { answer } from '../message/request.js'

/** Above all actors of a realm: found as `/`, tells who is below it, and takes no messages. */
export class Root extends Ref {
  readonly home: Realm
  readonly defaultTimeout = Infinity

  constructor(home: Realm) {
    super()
    this.home = home
  }

  get address(): Address {
    return { id: '/', name: undefined, path: '/', kind: 'Root', realm: this.home.id }
  }

  get key(): string {
    return `${this.home.id}//`
  }

  deliver(message: Message): void {
    message.fail(new ActorError('not-exposed', `the root has no method '${message.method.slice(0, 64)}'`))
  }

  control(request: Message): void {
    answer(this.home, request, () => this.#answer(request.method as Verb))
  }

  #answer(verb: Verb): unknown {
    if (verb === 'info') return { ...this.home.dispatcher.info(), path: '/' }
    if (verb !== 'ping' && verb !== 'fence')
      throw new ActorError('unauthorized', `cannot ${verb} the root; close the dispatcher`)
    return undefined
  }

  /** It ends with its realm, of which nobody is told here. */
  watch(): () => void {
    return () => {}
  }
}
