// Types of interceptors: checked by `npm run types`, never run.
import { Actor } from '../actor/actor.js'
import type { Dispatcher } from '../dispatcher.js'
import { after, around, before, type Call, intercept, interceptor, logging, rateLimit, tag, validate } from './index.js'

declare const dispatcher: Dispatcher

class Account extends Actor {
  balance = 0
  #secret = 1
  @tag('audited')
  @before<Account>(({ actor, args }) => actor.balance > 0 && args.length)
  @around(async (_call, next) => next())
  withdraw(amount: number, note?: string): string {
    return `${amount} ${note} ${this.#secret}`
  }
  @logging()
  @rateLimit({ calls: 1, per: 1 })
  async *history<T>(each: (entry: string) => T): AsyncGenerator<T> {
    yield each('none')
  }
}

@logging()
@after<Account>(({ actor }) => actor.balance)
class Savings extends Account {
  constructor(readonly rate: number) {
    super()
  }
}

class Other extends Actor {
  // @ts-expect-error -- the interceptor is for another class
  @before<Account>(({ actor }) => actor.balance)
  run(): void {}
}

intercept(Account, { before: ({ actor }) => actor.balance })
intercept(
  Savings,
  before(({ actor }) => actor.rate),
)
intercept(Savings, interceptor<Account>({ after: ({ actor }, { status }) => status + actor.balance }), {
  tag: 'audited',
})
intercept(dispatcher, { before: ({ actor, caller }: Call) => [actor, caller?.user] }, { method: ['withdraw'] })
intercept(
  dispatcher,
  logging((entry, call) => [entry.text, call.deadline]),
)

// @ts-expect-error -- the class has no such property
intercept(Account, { before: ({ actor }) => actor.rate })
// @ts-expect-error -- neither a class nor a dispatcher
intercept('Account', logging())
const ofAccount = before<Account>(({ actor }) => actor.balance)
// @ts-expect-error -- the interceptor is for another class
intercept(Other, ofAccount)
// @ts-expect-error -- a limit has a period
rateLimit({ calls: 1 })
// @ts-expect-error -- no schema
validate({ withdraw: 'number' })
