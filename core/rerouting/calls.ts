import { ActorError, thrownBy } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import { AGAIN, KEY } from '../message/ask.js'
import { Attempt } from '../message/attempt.js'
import type { Link } from '../link/link.js'
import type { Extensions, Holder, Message } from '../message/message.js'
import type { Realm } from '../realm/realm.js'
import { linkRouteOf } from '../remote/link-route.js'
import { copy } from '../wire/copy.js'
import type { Target } from './target.js'

/** A transport that knows the numbers of payloads: of the last one that was sent, and of the last one that was read there. */
interface Numbering {
  readonly lastSent: number
  readonly lastRead: number
}

/** A message at one of the realms that run the actor, one after the other. */
class Turn<T extends Target> extends Attempt implements Turned<T> {
  declare readonly extensions: Extensions
  /** Where it was sent. */
  target: T | undefined = undefined
  /** Whether its handler may have begun, once it has failed. */
  hasRun: boolean | undefined = undefined
  /** What it failed with, while it waits for its next turn. */
  failure: unknown
  #line: Partial<Numbering> | undefined
  /** The last payload before it. */
  #before: number | undefined

  constructor(
    outer: Message,
    /** As they were when the message was sent. */
    readonly given: readonly unknown[],
    extensions: Extensions,
    protected readonly over: (failure: unknown) => boolean,
  ) {
    super(outer, outer.method, given, extensions)
  }

  /** Whether an earlier attempt may have run. */
  get isAgain(): boolean {
    return this.extensions[AGAIN] === true
  }

  /** Whether this or an earlier attempt may have run. */
  get mayHaveRun(): boolean {
    // By any other way than a line, nobody tells.
    const { lastRead } = this.#line ?? {}
    const isRead = this.target !== undefined && !(lastRead! <= this.#before!)
    return this.isAgain || (this.hasRun ?? isRead)
  }

  send(target: T): void {
    this.target = target
    this.#line = (linkRouteOf(target.ref)?.carrier as Link | undefined)?.transport as Partial<Numbering> | undefined
    this.#before = this.#line?.lastSent
    target.ref.deliver(this)
  }

  override failWith(error: unknown): void {
    super.failWith(this.isAgain ? thrownBy(error) : error)
  }
}

/** What is known of a call that was made. */
export interface Turned<T extends Target> {
  /** Where it was sent last. */
  readonly target: T | undefined
  /** What it failed with there. */
  readonly failure: unknown
  /** Whether an earlier attempt than that may have run. */
  readonly isAgain: boolean
}

/** What becomes of a call: it is sent, or left where it is, or fails with its failure. */
export type Fate = 'send' | 'leave' | 'fail'

/** How calls follow their actor. */
export interface Rerouting<T extends Target> {
  /** Milliseconds that calls wait where the actor is nowhere. */
  readonly patience: number
  /** Whether a call that failed where it was sent is to be sent again. */
  readonly isForNext: (failure: unknown, turn: Turned<T>) => boolean
}

/** The calls of one realm, each until it has its outcome. */
export interface Calls<T extends Target> {
  /** Where calls go now. */
  readonly target: T | undefined
  /** How many have no outcome yet. */
  readonly size: number
  put(message: Message): void
  /** The actor is nowhere: calls wait. */
  hold(): void
  /** The actor is there: calls go to it, in their order. What has been sent is sent again, unless `fate` says otherwise. */
  route(target: T, fate?: (turn: Turned<T>) => Fate): void
  /** The actor can't be had: those that wait fail with the reason. Later ones are sent again. */
  giveUp(reason: ActorError): void
  /** No more calls are taken. Those that are under way still have their outcomes, unless it `isOver`. */
  end(reason: ActorError, isOver?: boolean): void
}

/**
 * Sends calls to the actor where it is now, and again, in order, to where it is next. An actor that is durable knows by its key
 * a call that it has handled.
 */
export function callsOf<T extends Target>(realm: Realm, { patience, isForNext }: Rerouting<T>): Calls<T> {
  const { env } = realm
  let target: T | undefined
  /** The last turn of each call, in the order in which they were made. */
  const turns = new Set<Turn<T>>()
  /** Why no more calls are taken. */
  let refusal: ActorError | undefined
  let timer: unknown

  const fail = (failed: Iterable<Turn<T>>, reason: ActorError): void => {
    for (const turn of failed) {
      const { outer, mayHaveRun } = turn
      turns.delete(turn)
      outer.started = mayHaveRun
      outer.fail(mayHaveRun ? reason.asRunning() : reason)
    }
  }
  const move = (to?: T): void => {
    target = to
    env.clearTimer(timer)
    timer = undefined
  }
  /** A turn has an outcome. Returns whether that is none of the call: it is to have another turn, or has one already. */
  const isOver = (turn: Turn<T>, failure: unknown): boolean => {
    const { target: at, outer } = turn
    if (failure !== undefined && !turns.has(turn)) return true
    if (failure === undefined || outer.gaveUp || !isForNext(failure, turn)) {
      turns.delete(turn)
      return false
    }
    turn.failure = failure
    turn.hasRun = !isUnrun(failure) && turn.mayHaveRun
    if (refusal) fail([turn], refusal)
    else if (target?.isOpen && target !== at) again(turn, target)
    return true
  }
  const turnOf = (outer: Message, given: readonly unknown[], extensions: Extensions): Turn<T> => {
    const turn: Turn<T> = new Turn<T>(outer, given, extensions, (failure) => isOver(turn, failure))
    turns.add(turn)
    return turn
  }
  /** The call has its next turn. */
  const again = (turn: Turn<T>, to: T): void => {
    const { outer, given, extensions, mayHaveRun } = turn
    turns.delete(turn)
    // Its caller is told so.
    if (outer.gaveUp) outer.fail(undefined)
    if (!outer.settled) turnOf(outer, given, { ...extensions, [AGAIN]: mayHaveRun }).send(to)
  }
  const hold = (): void => {
    const latest = env.now() + 2 * patience
    move()
    timer = env.setTimer(() => {
      // A page that was frozen waits anew.
      if (env.now() > latest) return hold()
      move()
      fail(turns, new ActorError('unreachable', 'no realm has run the actor for as long as calls wait'))
    }, patience)
  }
  const holder: Holder = {
    withdraw(message, reason) {
      const turn = message.node.inner as Turn<T>
      turn.cancel(reason)
      return turn.settled && !turn.mayHaveRun
    },
  }

  return {
    get target() {
      return target
    },
    get size() {
      return turns.size
    },
    put(message) {
      try {
        if (refusal) throw refusal
        if (turns.size >= QUEUE) throw new ActorError('overloaded', 'too many calls have no outcome yet')
        // They may be sent more than once.
        const args = copy(realm, message.args, message.method)
        message.holder = holder
        const turn = turnOf(message, args, { [KEY]: env.id(), ...message.extensions })
        if (target?.isOpen) turn.send(target)
        else if (!target && !timer) hold()
      } catch (error) {
        message.fail(error)
      }
    },
    hold,
    route(to, fateOf = () => 'send') {
      move(to)
      for (const turn of Array.from(turns)) {
        const fate = fateOf(turn)
        if (fate === 'send') again(turn, to)
        if (fate === 'fail' && turns.delete(turn)) turn.failWith(turn.failure)
      }
    },
    giveUp(reason) {
      move()
      fail(turns, reason)
    },
    end(reason, ends = !target?.isOpen) {
      refusal = reason
      if (!ends) return
      move()
      fail(turns, reason)
    },
  }
}

/** Whether an error says that the call certainly did not run. */
export const isUnrun = (error: unknown): error is ActorError => error instanceof ActorError && error.ran === 'no'
