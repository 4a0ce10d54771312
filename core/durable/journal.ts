import { ActorError } from '../ground/errors.js'
import { isSameBytes } from '../ground/same-bytes.js'
import type { StoreCommit } from '../ground/store.js'
import type { Committing, Ledger } from './ledger.js'
import { type Head, readHead, writeHead } from './head.js'
import type { Packer } from './packer.js'
import { contentOf, seal, sumOf, unseal } from './record.js'
import { Step, type Waiter } from './step.js'

/** So often another realm may get ahead of us while we claim an actor. */
const CLAIMS = 8

const NOTHING: StoreCommit = { changes: [] }

/** What becomes of an actor whose journal fails. */
export interface Owner {
  /** Another realm has started the actor: this one may not go on. */
  fenced(error: ActorError): void
  /** What was to be stored is not, or nobody can tell. Returns whether the actor goes on all the same. */
  lost(error: ActorError): boolean
  /** What was to hear of it threw. */
  broke(error: unknown): void
}

/** What a store holds of one actor, and what is to be changed there. One commit at a time is under way. */
export class Journal implements Committing {
  readonly #ledger: Ledger
  readonly #packer: Packer
  readonly #prefix: string
  readonly #version: number
  readonly #random: () => string
  readonly #owner: Owner
  #open: Step | undefined
  #closed: Step | undefined
  #isOver = false
  /** A random text that is the actor's own in all its runs. */
  origin = ''
  #epoch = 0
  #serial = 0
  #count = 0
  /** The head as it is in the store, and as the commit that is under way makes it. */
  #head: Uint8Array | undefined
  #nextHead: Uint8Array | undefined
  /** Heads of commits that failed, and may have been made. */
  #tried: Uint8Array[] = []
  /** The checksum of the state that was last to be committed. */
  #sum = 0
  /** The state as it was last given, also where it is not stored yet. */
  state: Uint8Array | undefined
  /** The version of the class that stored the state. */
  stateVersion: number
  /** Why it is not, if it was before. */
  fault: ActorError | undefined
  /** Whether what is here is what the store holds, and what is to be committed. */
  isValid = false

  constructor(ledger: Ledger, packer: Packer, name: string, version: number, random: () => string, owner: Owner) {
    this.#random = random
    this.#ledger = ledger
    this.#packer = packer
    this.#prefix = `${name}/`
    this.#version = this.stateVersion = version
    this.#owner = owner
  }

  /** Whether nothing waits to be stored. */
  get isClean(): boolean {
    return !this.#open && !this.#closed
  }

  /**
   * Claims the actor, so that no realm which started it before can store anything, and returns its records by key, without
   * the prefix. Rejects with `stored-failed`, and with `version` where a later version of the class stored it.
   */
  async claim(): Promise<Map<string, Uint8Array>> {
    for (let round = 0; round < CLAIMS; round++) {
      if (this.#isOver) throw new ActorError('stopped', `${this.#prefix} was stopped before it was read`)
      const stored = await this.#ledger.read(this.#prefix)
      const records = new Map(stored.map(({ key, value }) => [key.slice(this.#prefix.length), value]))
      const found = records.get('head')
      records.delete('head')
      const head = this.#read(found, records)
      this.#serial = head.serial
      this.#epoch = head.epoch + 1
      this.#count = head.count
      this.origin = head.origin
      this.#head = found
      const state = records.get('state')
      this.state = state && contentOf(state)
      this.#sum = head.sum
      this.stateVersion = head.version
      records.delete('state')
      // It may have been stopped meanwhile, and be another's now.
      if (this.#isOver) continue
      // Before anything is changed.
      for (const [key, record] of records) records.set(key, unseal(this.#prefix + key, record))
      this.isValid = await this.#isOurs()
      if (this.isValid) return records
    }
    throw new ActorError('stored-failed', `${this.#prefix} is claimed by other realms all the time`)
  }

  /** Nothing more is to be stored. What waits still is, but who waits for that hears `error`, if not what the store says now. */
  async close(error: ActorError): Promise<void> {
    this.#isOver = true
    await Promise.resolve()
    for (const step of [this.#closed, this.#open])
      this.#tell(step?.waiters.splice(0) ?? [], (waiter) => waiter.failed(error))
  }

  /** The number of a new record, higher than all before. */
  next(): number {
    return ++this.#serial
  }

  /** A record is to be stored. */
  put(key: string, bytes: Uint8Array): void {
    if (this.#change(key, seal(bytes), 1)) this.#open!.fresh.add(key)
  }

  /** A record is to be stored in place of another one. */
  replace(key: string, bytes: Uint8Array): void {
    this.#change(key, seal(bytes))
  }

  /** A record that `put` made is to be removed. */
  remove(key: string): void {
    this.#change(key, undefined, -1)
  }

  /** The state is to be stored, if it is another one. */
  save(state: Uint8Array): void {
    if (this.stateVersion === this.#version && isSameBytes(this.state, state)) return
    if (!this.#change('state', state, this.state ? 0 : 1)) return
    this.state = state
    this.stateVersion = this.#version
  }

  /** Finds out whether another realm has started the actor. What is told from now on waits for that. */
  confirm(): void {
    if (!this.isClean || !this.isValid || this.#isOver) return
    this.#open = new Step()
    this.#ledger.ask(this)
  }

  /** `waiter` hears when all is stored that was given until now, at once where it is already. */
  whenStored(waiter: Waiter): void {
    const step = this.#open ?? this.#closed
    if (step) {
      step.waiters.push(waiter)
      // After a failure it may be that nobody asked yet.
      if (!this.#closed) this.#ledger.ask(this)
    } else if (this.isValid) waiter.stored()
    else waiter.failed(this.fault ?? new ActorError('stored-failed', `${this.#prefix} is not read yet`))
  }

  /** Resolves when nothing waits to be stored, whatever became of it. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.whenStored({ stored: resolve, failed: () => resolve() }))
  }

  take(): StoreCommit {
    return this.#open && this.isValid ? this.#commitOf(this.#open) : NOTHING
  }

  #commitOf(step: Step): StoreCommit {
    this.#open = undefined
    this.#closed = step
    const changes = Array.from(step.changes, ([key, value]) => {
      // One for many steps: only the last state of a commit is sealed.
      const record = key === 'state' ? seal(value!) : value
      if (key === 'state') this.#sum = sumOf(record!)
      return { key: this.#prefix + key, value: record }
    })
    this.#nextHead = writeHead(this.#packer, {
      epoch: this.#epoch,
      serial: this.#serial,
      version: this.stateVersion,
      sum: this.#sum,
      count: this.#count,
      origin: this.origin,
    })
    return {
      expected: { key: `${this.#prefix}head`, value: this.#head },
      changes: [{ key: `${this.#prefix}head`, value: this.#nextHead }, ...changes],
    }
  }

  made(): void {
    const step = this.#closed
    if (!step) return
    this.#closed = undefined
    this.#head = this.#nextHead
    this.#tried = []
    this.#tell(step.waiters, (waiter) => waiter.stored())
    if (this.#open) this.#ledger.ask(this)
  }

  refused(): void {
    if (!this.#closed) return
    const tried = this.#tried.pop()
    // One that failed was made all the same.
    if (tried) {
      this.#head = tried
      this.#goOn(new ActorError('stored-failed', 'an earlier commit of it failed', { ran: 'maybe' }))
      return this.#ledger.ask(this)
    }
    const text = `${this.#prefix} was started by another realm, which goes on with it`
    const error = new ActorError('stored-failed', text, { ran: 'maybe' })
    this.isValid = false
    this.#owner.fenced(error)
    this.#drop(error)
  }

  failed(why: ActorError): void {
    if (!this.#closed) return
    // The store may know that nothing was changed, and yet the handlers ran.
    const error = why.asRunning()
    if (this.#owner.lost(error)) {
      this.#tried.push(this.#nextHead!)
      return this.#goOn(error)
    }
    this.isValid = false
    this.#drop(error)
  }

  /** What waits counts as stored, and is tried again with what comes next. */
  #goOn(error: ActorError): void {
    const late = this.#closed!
    const open = this.#open
    this.#closed = this.#open = undefined
    // Nothing of it is fresh: it may be in the store.
    const step = new Step()
    for (const { changes } of open ? [late, open] : [late])
      for (const [key, value] of changes) step.changes.set(key, value)
    this.#open = step
    const waiters = [...late.waiters, ...(open?.waiters ?? [])]
    this.#tell(waiters, (waiter) => (waiter.isStrict ? waiter.failed(error) : waiter.stored()))
  }

  /** One that throws does not keep the others waiting. */
  #tell(waiters: readonly Waiter[], tell: (waiter: Waiter) => void): void {
    for (const waiter of waiters) {
      try {
        tell(waiter)
      } catch (error) {
        this.#owner.broke(error)
      }
    }
  }

  #drop(error: ActorError): void {
    this.fault = error
    const steps = [this.#closed, this.#open]
    this.#closed = this.#open = undefined
    for (const step of steps) this.#tell(step?.waiters ?? [], (waiter) => waiter.failed(error))
  }

  /** `by` is how many records more there are then. Returns false where nothing is stored any more, or what is there is read anew. */
  #change(key: string, record: Uint8Array | undefined, by = 0): boolean {
    if (this.#isOver || !this.isValid) return false
    this.#count += by
    const open = (this.#open ??= new Step())
    if (by < 0 && open.fresh.delete(key)) open.changes.delete(key)
    else open.changes.set(key, record)
    // What is under way goes first.
    if (!this.#closed) this.#ledger.ask(this)
    return true
  }

  #read(found: Uint8Array | undefined, records: ReadonlyMap<string, Uint8Array>): Head {
    const own = this.#version
    const none = { epoch: 0, serial: 0, version: own, sum: 0, count: 0, origin: this.#random() }
    const head = readHead(this.#packer, this.#prefix, found, records) ?? none
    if (head.version <= own) return head
    throw new ActorError('version', `${this.#prefix} was stored by version ${head.version}, and this is ${own}`)
  }

  async #isOurs(): Promise<boolean> {
    this.#open = undefined
    return new Promise((resolve, reject) => {
      this.#ledger.ask({
        take: () => this.#commitOf(new Step()),
        made: () => {
          this.#closed = undefined
          this.#head = this.#nextHead
          resolve(true)
        },
        refused: () => {
          this.#closed = undefined
          resolve(false)
        },
        failed: (error) => {
          this.#closed = undefined
          reject(error)
        },
      })
    })
  }
}
