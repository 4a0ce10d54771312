import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import { Attempt } from '../message/attempt.js'
import type { Holder, Message } from '../message/message.js'
import { Ref } from '../message/ref.js'
import { answer } from '../message/request.js'
import type { Realm } from '../realm/realm.js'
import type { Candidate, Router } from '../routing/router.js'
import type { Members } from './members.js'

/** A member of the group, as its router sees it. */
class Choice implements Candidate {
  running = 0

  constructor(readonly id: string) {}
}

/** What a balanced proxy of a group stands for: each message goes to one member, which the router chooses. */
export class AnyMember extends Ref implements Holder {
  readonly defaultTimeout = Infinity
  readonly address: Address
  readonly #members: () => Members
  readonly #route: Router
  #choices = new Map<string, Choice>()

  constructor(
    readonly home: Realm,
    group: string,
    members: () => Members,
    route: Router,
    /** The error of a call where there are no members. */
    readonly empty: () => ActorError,
  ) {
    super()
    const id = home.env.id()
    this.address = { id, name: undefined, path: `/${id}`, kind: `group ${group}`, realm: home.id }
    this.#members = members
    this.#route = route
  }

  get key(): string {
    return `${this.home.id}/${this.address.id}`
  }

  override get isElsewhere(): boolean {
    return true
  }

  deliver(message: Message): void {
    if (message.access)
      return message.refuse(new ActorError('not-exposed', 'a proxy of a group has methods, and no properties'))
    message.holder = this
    this.send(message)
  }

  control(request: Message): void {
    answer(this.home, request, () => {
      if (request.method !== 'ping' && request.method !== 'fence')
        throw new ActorError('unauthorized', `cannot ${request.method} a group; ${request.method} its members`)
    })
  }

  /** A group has no end but its dispatcher's. */
  watch(): () => void {
    return () => {}
  }

  withdraw(message: Message, reason: ActorError): boolean {
    const { inner } = message.node
    if (inner) inner.cancel(reason)
    return !inner || inner.settled
  }

  /** Chooses a member that did not fail yet, and sends it there. */
  send(message: Message, failed: ReadonlySet<Ref> = new Set(), failure?: unknown): void {
    const members = this.#members().all()
    const choose = (all: Ref[]): void => {
      if (message.settled) return
      const left = all.filter((ref) => !failed.has(ref))
      if (left.length > 0) this.#sendTo(message, left, failed)
      else message.fail(failure ?? this.empty())
    }
    if (members instanceof Promise) void members.then(choose)
    else choose(members)
  }

  #sendTo(message: Message, members: Ref[], failed: ReadonlySet<Ref>): void {
    const choices = new Map(members.map(({ key }) => [key, this.#choices.get(key) ?? new Choice(key)]))
    const all = [...choices.values()]
    this.#choices = choices
    let index: number
    try {
      index = this.#route(message, all, () => this.home.env.random())
    } catch (error) {
      return message.fail(error)
    }
    const [member, choice] = [members[index], all[index]]
    if (!member || !choice)
      return message.fail(new ActorError('malformed', `the router returned ${index} for ${members.length} members`))
    choice.running++
    const isOver = (error?: unknown): boolean => {
      choice.running--
      const isAgain = isUnrun(error) && !message.gaveUp && !message.settled
      if (isAgain) this.send(message, new Set([...failed, member]), error)
      return isAgain
    }
    const attempt = new Turn(message, isOver)
    member.deliver(attempt)
    if (!attempt.settled && attempt.deadline === Infinity && member.defaultTimeout !== Infinity)
      this.home.deadlines.addDefault(attempt, member.defaultTimeout)
  }
}

/** A message at the member that was chosen for it. */
class Turn extends Attempt {
  constructor(
    outer: Message,
    /** Called with its outcome. Returns whether another member is asked. */
    readonly isOver: (error?: unknown) => boolean,
  ) {
    super(outer)
  }

  protected override resolve(value: unknown): void {
    this.isOver()
    super.resolve(value)
  }

  protected override reject(error: unknown): void {
    if (!this.isOver(error)) super.reject(error)
  }
}

/** Whether another member may do what this one did not begin. */
const isUnrun = (error: unknown): boolean =>
  error instanceof ActorError &&
  error.ran === 'no' &&
  (error.code === 'unreachable' || error.code === 'stopped' || error.code === 'overloaded')
