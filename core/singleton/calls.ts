import { ActorError, thrownBy } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import { AGAIN, KEY } from '../message/ask.js'
import { Attempt } from '../message/attempt.js'
import type { Link } from '../link/link.js'
import type { Extensions, Holder, Message } from '../message/message.js'
import type { Realm } from '../realm/realm.js'
import { linkRouteOf } from '../remote/link-route.js'
import { copy } from '../wire/copy.js'
import type { Line } from './line.js'
import type { Target } from './target.js'

/** A message at one of the realms that run the actor, one after the other. */
class Turn extends Attempt {
  declare readonly extensions: Extensions
  /** Where it was sent. */
  target: Target | undefined = undefined
  /** Whether its handler may have begun, once it has failed. */
  hasRun: boolean | undefined = undefined
  #line: Partial<Line> | undefined
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

  send(target: Target): void {
    this.target = target
    this.#line = (linkRouteOf(target.ref)?.carrier as Link | undefined)?.transport as Partial<Line> | undefined
    this.#before = this.#line?.lastSent
    target.ref.deliver(this)
  }

  override failWith(error: unknown): void {
    super.failWith(this.isAgain ? thrownBy(error) : error)
  }
}

/** The calls of one realm, each until it has its outcome. */
export interface Calls {
  /** Where calls go now. */
  readonly target: Target | undefined
  put(message: Message): void
  /** The actor is nowhere: calls wait. */
  hold(): void
  /** The actor is there: all calls go to it, those that waited first. */
  route(target: Target): void
  /** No more calls are taken. Those that are under way still have their outcomes, unless it `isOver`. */
  end(reason: ActorError, isOver?: boolean): void
}

/**
 * Sends calls to the actor where it is now, and again, in order, to where it is next. An actor that is durable knows by its key
 * a call that it has handled.
 *
 * Calls wait for `patience` ms where the actor is nowhere.
 */
export function callsOf(realm: Realm, patience: number): Calls {
  const { env } = realm
  let target: Target | undefined
  /** The last turn of each call, in the order in which they were made. */
  const turns = new Set<Turn>()
  /** Why no more calls are taken. */
  let refusal: ActorError | undefined
  let timer: unknown

  const fail = (failed: Iterable<Turn>, reason: ActorError): void => {
    for (const turn of failed) {
      const { outer, mayHaveRun } = turn
      turns.delete(turn)
      outer.started = mayHaveRun
      outer.fail(mayHaveRun ? reason.asRunning() : reason)
    }
  }
  const move = (to?: Target): void => {
    target = to
    env.clearTimer(timer)
    timer = undefined
  }
  /** A turn has an outcome. Returns whether that is none of the call: it is to have another turn, or has one already. */
  const isOver = (turn: Turn, failure: unknown): boolean => {
    const { target: at, outer } = turn
    const isUnrun = failure instanceof ActorError && failure.ran === 'no'
    if (failure !== undefined && !turns.has(turn)) return true
    // An actor that ends refuses calls before it has ended.
    const isForNext = failure !== undefined && (!at?.isOpen || (isUnrun && failure.code === 'stopped'))
    if (!isForNext || outer.gaveUp) {
      turns.delete(turn)
      return false
    }
    turn.hasRun = !isUnrun && turn.mayHaveRun
    if (refusal) fail([turn], refusal)
    return true
  }
  const turnOf = (outer: Message, given: readonly unknown[], extensions: Extensions): Turn => {
    const turn: Turn = new Turn(outer, given, extensions, (failure) => isOver(turn, failure))
    turns.add(turn)
    return turn
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
      const turn = message.node.inner as Turn
      turn.cancel(reason)
      return turn.settled && !turn.mayHaveRun
    },
  }

  return {
    get target() {
      return target
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
    route(to) {
      move(to)
      for (const turn of Array.from(turns)) {
        const { outer, given, extensions, mayHaveRun } = turn
        turns.delete(turn)
        // Its caller is told so.
        if (outer.gaveUp) outer.fail(undefined)
        if (!outer.settled) turnOf(outer, given, { ...extensions, [AGAIN]: mayHaveRun }).send(to)
      }
    },
    end(reason, ends = !target?.isOpen) {
      refusal = reason
      if (!ends) return
      move()
      fail(turns, reason)
    },
  }
}
