import type { Cell } from '../actor/cell.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import type { Link } from '../link/link.js'
import { BoundedMailbox, isMailbox, type MailboxOptions } from '../mailbox/bounded-mailbox.js'
import { Queue } from '../mailbox/mailbox.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { Detour } from '../supervision/detour.js'
import { controlHere, HeldRequests } from './held-requests.js'
import { Entrance } from './entrance.js'
import { EntryMailbox } from './entry-mailbox.js'
import { keepWhile } from './keep-while.js'
import type { Onward } from './onward.js'
import type { Parcel } from './parcel.js'
import { passed } from './passage.js'
import { redirect } from './redirect.js'
import { retire } from './retire.js'

/**
 * An actor that comes from another realm. First its state is restored and it starts, and handles nothing; then it begins,
 * or is dismissed, as the other realm says.
 *
 * When it begins, messages for it may be on their way that were sent from here. They come back by the entrance. All that is
 * sent from here later is held until a fence has followed them by each old way.
 */
export class Arrival implements Detour {
  readonly cell: Cell
  readonly link: Link
  readonly entrance: Entrance
  /** The actor as it is known where it comes from. */
  #from: Ref | undefined
  /** Tells its fences from all others. */
  readonly #mark: string
  /** The way to the actor, where it has been here before. */
  #before: Onward | undefined
  readonly #mailbox: EntryMailbox
  readonly #requests = new HeldRequests()
  readonly #decided = new Deferred<void>()
  readonly #opened = new Deferred<void>()
  #unwatch: (() => void) | undefined
  #state: 'comes' | 'begun' | 'open' | 'dismissed' = 'comes'

  constructor(cell: Cell, link: Link, { from, nonce }: Pick<Parcel, 'from' | 'nonce'>) {
    const { detour, options } = cell.life
    const { mailbox } = options
    if (mailbox && isMailbox(mailbox)) throw new ActorError('not-movable', 'an actor with a mailbox of its own stays')
    this.cell = cell
    this.link = link
    this.#from = from
    this.#mark = nonce
    this.#before = detour as Onward | undefined
    this.#mailbox = new EntryMailbox(mailbox)
    this.entrance = new Entrance(this)
    if (!detour) this.#hold()
  }

  get actual(): Cell {
    return this.cell
  }

  /** Resolves once it is known whether the actor goes on here. */
  get decided(): Promise<void> {
    return this.#decided.promise
  }

  /** Resolves once nothing is held any more. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** Restores the state, and starts the instance. Rejects with `start-failed` or `stopped`. */
  async prepare({ state, version }: Parcel): Promise<void> {
    const { cell } = this
    const { life, address } = cell
    life.phase = 'start'
    life.isAsleep = true
    try {
      await life.ending.bound('restore', cell.perform('restore', [state, version])!)
      this.#check()
      await life.begin(undefined)
      this.#check()
    } catch (cause) {
      const code = this.#isOver ? 'stopped' : 'start-failed'
      const failed = new ActorError(code, `${address.path} did not start with the state that it brought`, { cause })
      void this.dismiss(failed)
      throw failed
    }
  }

  /** The actor goes on here. Throws `stopped`. */
  begin(isAsleep: boolean): void {
    if (this.#state !== 'comes' && this.#state !== 'dismissed') return
    this.#check()
    this.#state = 'begun'
    this.#decided.resolve()
    const { cell } = this
    const from = this.#from
    const faces = new Set(this.#before && [this.#before.to])
    if (from instanceof RemoteRef && from.actual === from && !isNew(from)) faces.add(from)
    const passages = Array.from(faces, (face) => passed(cell.home, face, this.#mark))
    this.#before?.leave(cell)
    if (this.#before) this.#hold()
    for (const face of faces) {
      redirect(face, cell)
      keepWhile(face, cell)
    }
    this.#unwatch = cell.watch(() => this.#open())
    void Promise.all(passages).then(() => this.#open())
    cell.life.isAsleep = isAsleep
    if (isAsleep || cell.state !== 'suspended') return
    cell.enter('running')
    cell.unpause()
  }

  /** The actor does not go on here, unless it has begun. Resolves when what was made of it is gone. */
  async dismiss(reason: unknown): Promise<void> {
    if (this.#state !== 'comes') return
    this.#state = 'dismissed'
    this.#decided.resolve()
    this.#opened.resolve()
    if (this.#before) this.#leaveAgain(reason)
    else await this.#end(reason)
  }

  /** A message comes by the entrance. */
  enter(message: Message): void {
    this.#mailbox.isEntering = this.#state !== 'open'
    this.cell.deliver(message)
    this.#mailbox.isEntering = false
  }

  controlByEntrance(request: Message): void {
    if (this.#state === 'open') this.cell.control(request)
    else controlHere(this.cell, request)
  }

  control(request: Message): void {
    // A way that broke may have been mended by one that leads here: what went before its fence is held here, too.
    if (request.method === 'fence' && request.args[0] !== this.#mark) this.#requests.hold(request)
    else controlHere(this.cell, request)
  }

  get #isOver(): boolean {
    return this.#state === 'dismissed' || this.cell.hasEnded || this.cell.state === 'stopping'
  }

  #check(): void {
    if (this.#isOver) throw new ActorError('stopped', `${this.cell.address.path} was stopped before it arrived`)
  }

  #hold(): void {
    this.cell.replaceMailbox(this.#mailbox)
    this.cell.life.detour = this
  }

  /** It was made for this. */
  #end(reason: unknown): Promise<void> | undefined {
    const { life } = this.cell
    this.#mailbox.isOpen = true
    life.detour = undefined
    life.phase = undefined
    const stopped = life.isUp ? life.stop({ mode: 'now', reason }, undefined) : life.ending.terminate(reason)
    this.#requests.release(this.cell)
    return stopped as Promise<void> | undefined
  }

  /** It leads on as before. */
  #leaveAgain(reason: unknown): void {
    const { cell } = this
    const { life } = cell
    if (life.isUp) void cell.aside('onStop', reason)
    retire(cell)
    life.isAsleep = false
    life.phase = undefined
    if (cell.state === 'stopping') cell.unpause()
    else if (!cell.hasEnded) cell.enter('running')
  }

  /** All that was sent by the old ways has come, or never will. */
  #open(): void {
    if (this.#state === 'open') return
    this.#state = 'open'
    this.#unwatch?.()
    // The realm that it came from may hold the entrance for long.
    this.#before = this.#from = undefined
    this.#mailbox.isOpen = true
    const { cell } = this
    const { life } = cell
    const mailbox = life.options.mailbox as MailboxOptions | undefined
    if (life.detour === this) life.detour = undefined
    const isOver = cell.hasEnded || (cell.state === 'stopping' && !life.ending.drains)
    if (isOver) cell.refuseAll('stopped')
    else cell.replaceMailbox(mailbox ? new BoundedMailbox(mailbox) : new Queue(QUEUE))
    this.#requests.release(cell)
    this.#opened.resolve()
  }
}

/** Whether it came with the parcel alone: nothing can have been sent by it. */
const isNew = ({ leases }: RemoteRef): boolean => leases.length === 1 && leases[0]!.count === 1
