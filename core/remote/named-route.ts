import { ActorError } from '../ground/errors.js'
import type { Ref } from '../message/ref.js'
import { RemoteRef } from './remote-ref.js'
import { WaitingRoute } from './waiting-route.js'

/** Waits for an actor to appear. */
export interface Seeker {
  readonly query: string
  /** It is `found`; without that, the first part of what is looked up came up somewhere, or there is somebody new to ask. */
  appeared(found?: Ref): void
  /** Nobody will come any more. */
  giveUp(reason: ActorError): void
}

/** Finds actors by name, path or id, here and elsewhere. */
export interface Finder {
  /** What this realm itself knows by that name, path or id. */
  here(query: string): Ref | undefined
  /** Whether some other realm is known to have it, or may have it without saying so. */
  mayFind(query: string): boolean
  /** Whether there may be another way to an actor whose route is closed. */
  mayDetour(ref: RemoteRef): boolean
  /** By another way, if it is given a reference that has one; else by the query, unless that is empty. */
  find(query: string, ref?: RemoteRef): Promise<Ref | undefined>
  /** An actor of that name is found: messages may wait for it. */
  wake(name: string | undefined, found: Ref): void
  /** Returns its undo. */
  await(seeker: Seeker): () => void
}

/**
 * The way to an actor that is known by name only, or whose routes are closed: messages wait until what is looked up appears
 * somewhere, or until another way is found.
 * One that outlives its time to live is a dead letter, and fails as never run.
 */
export class NamedRoute extends WaitingRoute implements Seeker {
  readonly query: string
  #undo: (() => void) | undefined
  #searching = false
  #again = false

  constructor(ref: RemoteRef, query: string) {
    super(ref, ref.ttl ?? ref.home.limits.trusted.early)
    this.query = query
  }

  get #directory(): Finder {
    return this.ref.home.directory
  }

  /** Whether anybody may still come; without it nothing waits. */
  get #mayAppear(): boolean {
    const { home, ttl } = this.ref
    if (ttl !== undefined) return !home.closed
    return this.query !== '' && (home.returning > 0 || home.directory.mayFind(this.query))
  }

  override refusal(): ActorError | undefined {
    return this.#mayAppear || this.#directory.mayDetour(this.ref) ? undefined : this.missing()
  }

  protected override missing(): ActorError {
    const { home, ttl, address } = this.ref
    const code = ttl === undefined ? 'unreachable' : home.closed ? 'stopped' : 'expired'
    return new ActorError(code, `no way to '${address.path}' was found in time`)
  }

  /** An actor of this realm is found at once: no later call, by another proxy, overtakes what is sent here. */
  override get found(): Ref | undefined {
    const isSought = !super.found && !this.#directory.mayDetour(this.ref)
    const here = isSought ? this.#directory.here(this.query) : undefined
    if (here && !here.isElsewhere) this.arrive(here)
    return super.found
  }

  /** Looks now, and again whenever the name appears, for as long as somebody waits. */
  protected override awaited(): void {
    if (this.found) return
    this.#undo ??= this.#directory.await(this)
    this.#again = this.#searching
    if (this.#searching) return
    this.#searching = true
    void this.#directory.find(this.query, this.ref).then((answer) => {
      this.#searching = false
      if (this.#take(answer)) return
      if (this.#again) this.awaited()
      else if (this.ref.ttl === undefined && !this.#mayAppear) this.giveUp(this.missing())
    })
  }

  appeared(found?: Ref): void {
    // The same actor by another way comes before another one of that name.
    if (this.#directory.mayDetour(this.ref) || !this.#take(found)) this.awaited()
  }

  #take(answer: Ref | undefined): boolean {
    const found = answer?.actual
    if (!found || (found === this.ref && this.ref.route === this)) return false
    if (found instanceof RemoteRef) {
      found.query ||= this.query
      found.ttl ??= this.ref.ttl
    }
    this.arrive(found)
    return true
  }

  protected override forgotten(): void {
    this.#undo?.()
    this.#undo = undefined
  }
}
