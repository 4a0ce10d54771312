// The room group: actors that are called together, wherever they are.
import { joinGroup, leaveGroup } from '../directory/membership.js'
import { ActorError } from '../ground/errors.js'
import type { Ref } from '../message/ref.js'
import { type AskOptions, checkAskOptions, sendTell } from '../message/ask.js'
import { actorBehind } from '../proxy/marks.js'
import { borrow, methods } from '../proxy/proxy.js'
import type { Proxy, Referenced, Telling } from '../proxy/proxy-types.js'
import { closed } from '../realm/closing.js'
import { type Realm, requireRealm } from '../realm/realm.js'
import { BalancedRef } from '../routing/balanced-ref.js'
import { leastBusy, type Router } from '../routing/router.js'
import { AnyMember } from './any.js'
import { membersOf } from './members.js'
import { callAll, type Replies } from './replies.js'

/** The options of `group`. `timeout` and `signal` are those of each call that `group.all` makes. */
export interface GroupOptions extends AskOptions {
  /** Chooses the member that `group.any` calls. `leastBusy()` unless given. */
  readonly route?: Router
}

/** The type of `group.all`: the methods of a proxy, each of which returns the replies of all members. */
export type CallingAll<A> = {
  readonly [K in keyof Proxy<A> as K extends symbol ? never : K]: Proxy<A>[K] extends (...args: infer P) => infer R
    ? (...args: P) => Replies<A, Awaited<R>>
    : never
}

/** Actors that are called together: those that joined the group, and those that have its name, in all linked realms. */
export interface Group<A> {
  readonly name: string
  /**
   * Calls all members. A method returns an async iterable of `{ member, status, value | reason }`, in the order in which the
   * replies come; its `expected` resolves to their number. A member that ends or can't be reached yields an error. Who ends
   * the iteration early aborts what still runs. In a group without members, it throws `empty-group`.
   */
  readonly all: CallingAll<A>
  /**
   * A proxy whose calls each go to one member. If that one is gone or overloaded, and did not begin, another one gets the
   * call. It rejects with `empty-group`, and as a call of the member does.
   */
  readonly any: Proxy<A>
  /** Sends one-way messages to all members. In a group without members, they are dead letters. */
  readonly tell: Telling<A>
  /**
   * Makes an actor a member, until it leaves or ends; one that is elsewhere also until it can't be reached. Takes a proxy, or
   * an object: `reference({ … })`. Throws `malformed`, or `stopped` if the dispatcher is closed.
   */
  join(member: Proxy<A> | Referenced<object>): void
  /** Returns whether the actor had joined the group in this realm. */
  leave(member: Proxy<A> | Referenced<object>): boolean
  /** Resolves to proxies of all members that are known now, each once. */
  members(): Promise<Proxy<A>[]>
}

/** A dispatcher, as far as a group needs it. */
interface Grouping {
  readonly id: string
}

/**
 * Gives the group of that name. It needs not be made: each realm that links lead to has the same group.
 *
 * Members are the actors that joined it, those that were spawned with `{ group: name }`, and those that have its name. They
 * come and go with the links to their realms. An untrusted peer knows the members that its `names` let it find.
 *
 * Takes a dispatcher, the name, and options. Throws `malformed` for wrong ones.
 *
 * ```ts
 * const room = group<Member>(dispatcher, 'room')
 * room.join(member)
 * room.tell.say('hello')
 * for await (const reply of room.all.mood()) console.log(reply)
 * ```
 */
export function group<A>(dispatcher: Grouping, name: string, options: GroupOptions = {}): Group<A> {
  const realm = requireRealm(dispatcher, 'group takes a dispatcher, and the name of the group')
  realm.names.check(name)
  const limits = checkAskOptions(options) ?? {}
  const { route = leastBusy() } = options ?? {}
  if (typeof route !== 'function')
    throw new ActorError('malformed', "'route' of a group must be a router, such as roundRobin()")
  // It hears of members from now on.
  const members = membersOf(realm)
  const empty = (): ActorError =>
    realm.closed ? closed() : new ActorError('empty-group', `the group '${name}' has no members`)
  const callEach = (refs: Ref[], call: (ref: Ref) => void): number => {
    if (refs.length === 0) throw empty()
    for (const ref of refs) call(ref)
    return refs.length
  }
  /** Now, or once they are known, for the message that is being handled now. */
  const withAll = <T>(use: (refs: Ref[]) => T): T | Promise<T> => {
    const found = members.of(name)
    const { current } = realm
    if (!(found instanceof Promise)) return use(found)
    return found.then((refs) => {
      const outer = realm.current
      if (current?.isHandled) realm.current = current
      try {
        return use(refs)
      } finally {
        realm.current = outer
      }
    })
  }
  return {
    name,
    all: methods(
      {},
      (method) =>
        (...args) =>
          callAll(realm.env, method, args, limits, (call) => withAll((refs) => callEach(refs, call))),
    ),
    any: borrow(new BalancedRef(realm, `group ${name}`, new AnyMember(realm, () => members.of(name), route, empty))),
    tell: methods({}, (method) => (...args) => {
      void withAll((refs) => {
        for (const ref of refs) sendTell(ref, method, args)
        if (refs.length === 0) realm.lost(empty(), `${method}() to the group '${name}'`)
      })
    }),
    join(member) {
      if (realm.closed) throw closed()
      const ref = memberOf(realm, member)
      // An actor of that name is a member already.
      if (realm.names.get(name) !== ref) joinGroup(realm.names, name, ref)
    },
    leave: (member) => leaveGroup(realm.names, name, memberOf(realm, member)),
    members: async () => (await members.of(name)).map(borrow),
  } as Group<A>
}

function memberOf(realm: Realm, value: unknown): Ref {
  const ref = Object(value) === value ? actorBehind(realm, value as object) : undefined
  if (!ref || (ref as Partial<BalancedRef>).balancer instanceof AnyMember)
    throw new ActorError('malformed', 'a member of a group is the proxy of one actor, or reference({ … })')
  return ref.actual
}
