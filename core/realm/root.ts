import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import type { Realm } from './realm.js'
import { Ref } from '../message/ref.js'

/** Above all actors of a realm: found as `/`, tells who is below it, and takes no messages. */
export class Root extends Ref {
  readonly home: Realm
  readonly address: Address
  readonly key: string
  readonly defaultTimeout = Infinity

  constructor(home: Realm) {
    super()
    this.home = home
    this.address = { id: '/', name: undefined, path: '/', kind: 'Root', realm: home.id }
    this.key = `${home.id}//`
  }

  deliver(message: Message): void {
    message.fail(new ActorError('not-exposed', `the root has no method '${message.method.slice(0, 64)}'`))
  }

  control(request: Message): void {
    const { method } = request
    if (method === 'info') request.done({ ...this.home.dispatcher.info(), path: '/' })
    else if (method === 'ping' || method === 'fence') request.done(undefined)
    else request.fail(new ActorError('unauthorized', `cannot ${method} the root; close the dispatcher`))
  }

  /** It ends with its realm, of which nobody is told here. */
  watch(): () => void {
    return () => {}
  }
}
