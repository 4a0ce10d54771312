import type { Dispatcher } from '../../dispatcher.js'
import { ActorError } from '../../ground/errors.js'

/** What is known of one message. */
interface Sent {
  readonly line: string
  /** Which message of its line it is. */
  readonly place: number
  runs: number
  outcomes: number
  /** Whether its error said that it did not run. */
  saysNo: boolean
}

/**
 * What a scenario did, and what became of it: which messages were sent, which handlers ran, which calls were settled.
 * Each message belongs to a line: a text such as `ada to room`. Messages of one line must start in the order in which
 * they were sent.
 */
export class History {
  readonly #sent = new Map<string, Sent>()
  /** How many messages were sent in each line. */
  readonly #counts = new Map<string, number>()
  /** The last message of each line that ran. */
  readonly #latest = new Map<string, number>()
  /** Calls that are not settled, each with the dispatcher that made it, where that was said. */
  readonly #open = new Map<string, Dispatcher | undefined>()
  readonly #crashed = new WeakSet<Dispatcher>()
  /** Set with the first thing that must not be. */
  fault: string | undefined = undefined

  readonly #note: (what: string) => void

  /** `note` gets a line for each entry. */
  constructor(note: (what: string) => void) {
    this.#note = note
  }

  /** Calls that are not settled. */
  get open(): readonly string[] {
    return [...this.#open.keys()]
  }

  /**
   * Makes a call and records its outcome. `call` gets the id of the message, and sends it along: the handler gives it to
   * `ran`. If `from`, the dispatcher that makes the call, crashes, the call need not be settled. Returns what the call
   * resolves to. Use of the returned promise is optional: its rejection is recorded.
   */
  ask<T>(line: string, call: (id: string) => PromiseLike<T>, from?: Dispatcher): Promise<T> {
    const id = this.#send(line)
    // Of a dispatcher that has crashed, what it had begun still runs.
    if (!from || !this.#crashed.has(from)) this.#open.set(id, from)
    const asked = (async () => {
      try {
        const result = await call(id)
        this.#settled(id)
        return result
      } catch (error) {
        this.#settled(id, error)
        throw error
      }
    })()
    asked.catch(() => {})
    return asked
  }

  /** Sends a one-way message. `send` gets its id. */
  tell(line: string, send: (id: string) => unknown): void {
    send(this.#send(line))
  }

  /** A handler begins with the message of that id. */
  ran(id: string): void {
    this.#note(`${id} runs`)
    const sent = this.#sent.get(id)
    if (!sent) return this.blame(`${id} ran and was never sent`)
    const { line, place } = sent
    if (++sent.runs > 1) this.blame(`${id} ran ${sent.runs} times`)
    if (sent.saysNo) this.blame(`${id} ran after its error had said that it did not`)
    const latest = this.#latest.get(line) ?? 0
    if (place < latest) this.blame(`${id} ran after ${line} ${latest}, which was sent later`)
    else this.#latest.set(line, place)
  }

  /** Records that something is wrong. Only the first fault is kept. */
  blame(fault: string): void {
    this.fault ??= fault
  }

  /** A dispatcher is no more: its calls are not settled. */
  crashed(dispatcher: Dispatcher): void {
    this.#crashed.add(dispatcher)
    for (const [id, from] of this.#open) if (from === dispatcher) this.#open.delete(id)
  }

  #send(line: string): string {
    const place = (this.#counts.get(line) ?? 0) + 1
    this.#counts.set(line, place)
    const id = `${line} ${place}`
    this.#note(`${id} is sent`)
    this.#sent.set(id, { line, place, runs: 0, outcomes: 0, saysNo: false })
    return id
  }

  #settled(id: string, error?: unknown): void {
    const sent = this.#sent.get(id)!
    this.#open.delete(id)
    if (++sent.outcomes > 1) this.blame(`${id} was settled ${sent.outcomes} times`)
    this.#note(
      `${id} ${error === undefined ? 'is answered' : `fails: ${error instanceof ActorError ? error.code : 'an error of the handler'}`}`,
    )
    if (!(error instanceof ActorError)) {
      if (sent.runs === 0) this.blame(`${id} was answered and never ran`)
      return
    }
    if (error.ran !== 'no') return
    sent.saysNo = true
    if (sent.runs > 0) this.blame(`${id} ran, and its error (${error.code}) says that it did not`)
  }
}
