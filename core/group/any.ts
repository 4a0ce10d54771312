import { ActorError } from '../ground/errors.js'
import { Attempt } from '../message/attempt.js'
import type { Holder, Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { closed, onClosing } from '../realm/closing.js'
import type { Realm } from '../realm/realm.js'
import type { Balancer } from '../routing/balanced-ref.js'
import { choose } from '../routing/choose.js'
import type { Candidate, Router } from '../routing/router.js'

/** A member of the group, as its router sees it. */
class Choice implements Candidate {
  running = 0

  constructor(
    readonly id: string,
    readonly ref: Ref,
  ) {}
}

/** Sends each message to one member of a group, which the router chooses. */
export class AnyMember implements Balancer, Holder {
  readonly #realm: Realm
  readonly #members: () => Ref[] | Promise<Ref[]>
  readonly #router: Router
  #choices = new Map<string, Choice>()

  constructor(
    realm: Realm,
    members: () => Ref[] | Promise<Ref[]>,
    router: Router,
    /** The error of a call where there are no members. */
    readonly empty: () => ActorError,
  ) {
    this.#realm = realm
    this.#members = members
    this.#router = router
  }

  get reason(): ActorError | undefined {
    return this.#realm.closed ? closed() : undefined
  }

  /** A group has no end but its dispatcher's. */
  onClosed(listener: (reason: unknown) => void): () => void {
    return onClosing(this.#realm, listener)
  }

  withdraw(message: Message, reason: ActorError): boolean {
    const { inner } = message.node
    if (inner) inner.cancel(reason)
    return !inner || inner.settled
  }

  put(message: Message): void {
    message.holder = this
    const send = (refs: Ref[]): void => {
      const choices = refs.map((ref) => this.#choices.get(ref.key) ?? new Choice(ref.key, ref))
      this.#choices = new Map(choices.map((choice) => [choice.id, choice]))
      this.#send(message, choices)
    }
    const members = this.#members()
    if (members instanceof Promise) void members.then(send)
    else send(members)
  }

  /** Sends it to one of them after the other, until one takes it. `failure` is its error where none does. */
  #send(message: Message, choices: Choice[], failure?: unknown): void {
    let error = failure
    let isAgain = true
    while (isAgain && !message.settled && !message.gaveUp) {
      if (choices.length === 0) return message.fail(error ?? this.empty())
      let index: number
      try {
        index = choose(this.#router, message, [...choices], () => this.#realm.env.random())
      } catch (thrown) {
        return message.fail(thrown)
      }
      // The router, which is code of the user's, may have aborted it.
      if (message.settled) return
      const choice = choices[index]!
      let isSending = true
      isAgain = false
      const isOver = (reason?: unknown): boolean => {
        choice.running--
        if (!isUnrun(reason) || message.gaveUp || message.settled) return false
        choices.splice(choices.indexOf(choice), 1)
        error = reason
        if (isSending) isAgain = true
        else this.#send(message, choices, reason)
        return true
      }
      choice.running++
      this.#deliver(new Turn(message, isOver), choice.ref)
      isSending = false
    }
  }

  #deliver(turn: Turn, ref: Ref): void {
    ref.deliver(turn)
    if (!turn.settled) this.#realm.deadlines.addDefault(turn, ref.defaultTimeout)
  }
}

/** A message at the member that was chosen for it. */
class Turn extends Attempt {
  constructor(
    outer: Message,
    protected readonly over: (failure: unknown) => boolean,
  ) {
    super(outer)
  }
}

/** Whether another member may do what this one did not begin. */
const isUnrun = (error: unknown): boolean =>
  error instanceof ActorError &&
  error.ran === 'no' &&
  (error.code === 'unreachable' || error.code === 'stopped' || error.code === 'overloaded')
