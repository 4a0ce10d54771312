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
export class Turn<T extends Target> extends Attempt {
  declare readonly extensions: Extensions
  /** Where it was sent. */
  declare target?: T
  /** Whether its handler may have begun, once it has failed. */
  declare hasRun?: boolean
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

/** Whether a call that failed where it was sent has another turn. `isUnrun` if it certainly did not run there. */
export type IsForNext<T extends Target> = (
  failure: unknown,
  isUnrun: boolean,
  target: T | undefined,
  turn: Turn<T>,
) => boolean

/** The calls of one realm, each until it has its outcome. */
export interface Calls<T extends Target> {
  /** Where calls go now. */
  readonly target: T | undefined
  put(message: Message): void
  /** The actor is nowhere: calls wait. */
  hold(): void
  /** The actor is there: all calls go to it, those that waited first. Those that `stays` is true of stay where they are. */
  route(target: T, stays?: (turn: Turn<T>) => boolean): void
  /** Calls have no further turn: all that have no outcome yet, unless given. */
  fail(reason: ActorError, turns?: Iterable<Turn<T>>): void
  /** No more calls are taken. Those that are under way still have their outcomes, unless it `isOver`. */
  end(reason: ActorError, isOver?: boolean): void
}

/**
 * Sends calls to the actor where it is now, and again, in order, to where it is next. An actor that is durable knows by its key
 * a call that it has handled.
 *
 * Calls wait for `patience` ms where the actor is nowhere.
 */
export function callsOf<T extends Target>(realm: Realm, patience: number, isForNext: IsForNext<T>): Calls<T> {
  const { env } = realm
  let target: T | undefined
  /** The last turn of each call, in the order in which they were made. */
  const turns = new Set<Turn<T>>()
  /** Why no more calls are taken. */
  let refusal: ActorError | undefined
  let timer: unknown

  const fail = (reason: ActorError, failed: Iterable<Turn<T>> = turns): void => {
    for (const turn of failed) {
      const { outer, mayHaveRun } = turn
      turns.delete(turn)
      outer.started = mayHaveRun
      outer.fail(mayHaveRun ? reason.asRunning() : reason)
    }
    // Nothing waits any more.
    if (!turns.size) move(target)
  }
  const move = (to?: T): void => {
    target = to
    env.clearTimer(timer)
    timer = undefined
  }
  /** A turn has an outcome. Returns whether that is none of the call: it is to have another turn, or has one already. */
  const isOver = (turn: Turn<T>, failure: unknown): boolean => {
    if (failure !== undefined && !turns.has(turn)) return true
    const isUnrun = failure instanceof ActorError && failure.ran === 'no'
    turn.hasRun = !isUnrun && turn.mayHaveRun
    if (failure === undefined || turn.outer.gaveUp || !isForNext(failure, isUnrun, turn.target, turn)) {
      turns.delete(turn)
      return false
    }
    if (refusal) fail(refusal, [turn])
    return true
  }
  const turnOf = (outer: Message, given: readonly unknown[], extensions: Extensions): Turn<T> => {
    const turn: Turn<T> = new Turn<T>(outer, given, extensions, (failure) => isOver(turn, failure))
    turns.add(turn)
    return turn
  }
  const hold = (): void => {
    const latest = env.now() + 2 * patience
    move()
    timer = env.setTimer(() => {
      // A page that was frozen waits anew.
      if (env.now() > latest) return hold()
      fail(new ActorError('unreachable', 'no realm has run the actor for as long as calls wait'))
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
    fail,
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
    route(to, stays) {
      move(to)
      for (const turn of Array.from(turns)) {
        if (stays?.(turn)) continue
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
      fail(reason)
    },
  }
}
