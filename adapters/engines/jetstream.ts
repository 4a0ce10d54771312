import { ActorError } from '../../core/adapter.js'
import { given, has } from '../base/given.js'
import { Unanswered } from './persevere.js'
import { Refused } from './refused.js'

/** What is used of a connection of `@nats-io/nats-core`. */
interface Connection {
  /** Undefined while it connects again. */
  readonly info?: { readonly max_payload: number; readonly jetstream?: boolean } | undefined
  request(subject: string, payload: Uint8Array | string, options: object): Promise<Reply>
  subscribe(subject: string, options: { callback: (error: unknown, reply: Reply) => void }): { unsubscribe(): void }
  status(): AsyncIterable<{ readonly type: string }>
  isClosed(): boolean
}

interface Reply {
  readonly data: Uint8Array
  readonly subject: string
  readonly reply?: string
}

/** A message of a stream. */
export interface StreamMessage {
  readonly seq: number
  readonly subject: string
  /** When it was stored, by the clock of the server: in microseconds since 1970. */
  readonly time: number
  readonly data: Uint8Array
}

interface Place extends Pick<StreamMessage, 'seq' | 'time'> {
  readonly count: number
  readonly pending: number
}

/** Which messages of a stream are read. */
export interface StreamRange {
  readonly filter: string
  /** The number of the first message; all unless given. */
  readonly from?: number
}

/** What the server says if it has no such stream, no such message, or another last message of the subject. */
export const NO_STREAM = 10059
export const NO_MESSAGE = 10037
export const OTHER_LAST = 10071
/** Errors of a server that is not ready yet, or has no room at the moment. */
const LATER = new Set([10008, 10009, 10023])
/** What a stream is told that keeps other values than these. */
const OTHER_CONFIG = 10058
/** Bytes that a message needs beside its data. */
const OVERHEAD = 512
/** Milliseconds after which a consumer is removed that its reader left. */
const INACTIVE = 10_000
const NANOSECONDS = 1_000_000
/** Milliseconds for the answer to one request: then it is asked again. */
const PATIENCE = 5_000

/** JetStream on a connection to NATS, which stays the user's. */
export class JetStream {
  readonly #connection: Connection
  readonly #status: AsyncIterator<{ readonly type: string }>
  /** Called when the connection breaks: what is under way gets no answer. */
  readonly #waiting = new Set<(error: Unanswered) => void>()
  #isBroken = false

  /** Throws `malformed` for anything but a connection. `name` is the function that was called. */
  constructor(name: string, connection: unknown) {
    if (!has(connection, 'request', 'subscribe', 'status', 'isClosed'))
      throw new ActorError(
        'malformed',
        `${name} takes a connection to NATS, such as await connect() gives, not ${given(connection)}`,
      )
    this.#connection = connection as Connection
    this.#status = this.#connection.status()[Symbol.asyncIterator]()
    void this.#watch()
  }

  /** Whether the connection was closed, so that it never comes back. */
  get isClosed(): boolean {
    return this.#connection.isClosed()
  }

  /** Bytes of the largest message. Rejects while there is no connection. */
  get largest(): number {
    return this.#info().max_payload - OVERHEAD
  }

  /** The connection stays open. */
  close(): void {
    void this.#status.return?.()
  }

  /**
   * Asks for something of the API. Rejects with `Refused`, with the server's code, if the answer is an error, and with
   * `Unanswered` if there is none.
   */
  async ask<T>(verb: string, body: object = {}): Promise<T> {
    return this.#answer(await this.#request(`$JS.API.${verb}`, JSON.stringify(body)), verb) as T
  }

  /**
   * Adds a message if `last` is the number of the last message with that subject, or 0 if there is none. Returns its number.
   * Rejects with `Refused` and the code `OTHER_LAST` otherwise.
   */
  async add(subject: string, data: Uint8Array | string, last: number): Promise<number> {
    // Imported here: a bus does without it.
    const { headers } = await import('@nats-io/nats-core')
    const expecting = headers()
    expecting.set('Nats-Expected-Last-Subject-Sequence', String(last))
    const reply = await this.#request(subject, data, expecting)
    return (this.#answer(reply, subject) as { readonly seq: number }).seq
  }

  /** Makes a stream where it is missing, and returns how it is configured. */
  async stream(config: {
    readonly name: string
    readonly [option: string]: unknown
  }): Promise<Record<string, unknown>> {
    const asked = async (verb: string, body?: object): Promise<Record<string, unknown>> =>
      (await this.ask<{ config: Record<string, unknown> }>(`STREAM.${verb}.${config.name}`, body)).config
    try {
      return await asked('INFO')
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== NO_STREAM) throw error
    }
    try {
      return await asked('CREATE', config)
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== OTHER_CONFIG) throw error
      return await asked('INFO')
    }
  }

  /** The last message with that subject; undefined if there is none. */
  async last(stream: string, subject: string): Promise<StreamMessage | undefined> {
    try {
      const { message } = await this.ask<{ message: { subject: string; seq: number; time: string; data?: string } }>(
        `STREAM.MSG.GET.${stream}`,
        { last_by_subj: subject },
      )
      const { seq, time, data = '' } = message
      return { seq, subject: message.subject, time: microseconds(time), data: bytesOf(data) }
    } catch (error) {
      if (error instanceof Refused && error.code === NO_MESSAGE) return undefined
      throw error
    }
  }

  /** The messages of a stream, in order, up to the last one that is there. */
  async read(stream: string, { filter, from }: StreamRange): Promise<readonly StreamMessage[]> {
    const inbox = `_INBOX.${crypto.randomUUID()}`
    const messages: StreamMessage[] = []
    let finish = (_error?: Unanswered): void => {}
    const finished = new Promise<void>((resolve, reject) => {
      finish = (error) => (error ? reject(error) : resolve())
    })
    finished.catch(() => {})
    const subscription = this.#connection.subscribe(inbox, {
      callback: (error, { subject, data, reply }) => {
        const place = error ? undefined : placeOf(reply)
        if (!place) return
        if (place.count !== messages.length + 1) return finish(new Unanswered('no', new Error('a message was lost')))
        messages.push({ seq: place.seq, subject, time: place.time, data })
        if (place.pending === 0) finish()
      },
    })
    this.#waiting.add(finish)
    const timer = setTimeout(() => finish(new Unanswered('no')), PATIENCE)
    let consumer: { readonly name: string; readonly num_pending?: number } | undefined
    try {
      consumer = await this.ask<{ name: string; num_pending?: number }>(`CONSUMER.CREATE.${stream}`, {
        stream_name: stream,
        config: {
          deliver_subject: inbox,
          filter_subject: filter,
          ack_policy: 'none',
          max_deliver: 1,
          replay_policy: 'instant',
          mem_storage: true,
          num_replicas: 1,
          inactive_threshold: INACTIVE * NANOSECONDS,
          ...(from === undefined
            ? { deliver_policy: 'all' }
            : { deliver_policy: 'by_start_sequence', opt_start_seq: from }),
        },
      })
      if (consumer.num_pending || messages.length > 0) await finished
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(finish)
      subscription.unsubscribe()
      if (consumer) this.ask(`CONSUMER.DELETE.${stream}.${consumer.name}`).catch(() => {})
    }
    return messages
  }

  #info(): { readonly max_payload: number } {
    const { info } = this.#connection
    // What is sent while it connects again is thrown away.
    if (!info || this.#isBroken) throw new Unanswered('no')
    if (!info.jetstream)
      throw new Refused('the server has no JetStream; start it with nats-server -js', 'no', undefined)
    return info
  }

  async #request(subject: string, payload: Uint8Array | string, extra?: unknown): Promise<Reply> {
    this.#info()
    let lost = (_error: Unanswered): void => {}
    const broken = new Promise<never>((_, reject) => (lost = reject))
    this.#waiting.add(lost)
    try {
      const asked = this.#connection.request(subject, payload, { timeout: PATIENCE, headers: extra })
      asked.catch(() => {})
      return await Promise.race([asked, broken])
    } catch (error) {
      if (error instanceof Unanswered) throw error
      const { name, cause } = error as Error
      const isNone = [name, (cause as Error | undefined)?.name].includes('NoRespondersError')
      throw new Unanswered(isNone ? 'no' : 'maybe', error)
    } finally {
      this.#waiting.delete(lost)
    }
  }

  #answer({ data }: Reply, about: string): unknown {
    const answer = JSON.parse(new TextDecoder().decode(data)) as {
      readonly error?: { readonly err_code?: number; readonly description?: string }
    }
    const { error } = answer
    if (!error) return answer
    const text = `${error.description} (${about})`
    if (LATER.has(error.err_code!)) throw new Unanswered('no', new Error(text))
    throw new Refused(text, 'no', new Error(text), error.err_code)
  }

  async #watch(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#status.next()
      if (done || value.type === 'disconnect' || value.type === 'close') {
        this.#isBroken = true
        for (const lose of this.#waiting) lose(new Unanswered('maybe', new Error('the connection to NATS broke')))
      } else if (value.type === 'reconnect') this.#isBroken = false
      if (done) return
    }
  }
}

/** What the reply subject of a delivered message says: its number in the stream, among those delivered, its time, and how many follow. */
function placeOf(reply: string | undefined): Place | undefined {
  const tokens = reply?.split('.')
  if (tokens?.[0] !== '$JS' || tokens[1] !== 'ACK') return undefined
  // Newer servers say the domain and the account first.
  const first = tokens.length > 9 ? 7 : 5
  const [seq, count, nanoseconds, pending] = tokens.slice(first)
  return { seq: Number(seq), count: Number(count), time: Number(nanoseconds!.slice(0, -3)), pending: Number(pending) }
}

/** Of a time such as `2026-01-31T12:30:45.123456789Z`, which has up to nine digits behind the seconds, and may have none. */
function microseconds(time: string): number {
  const [, seconds, digits = ''] = /^(.{19})\.?(\d*)/.exec(time)!
  return Date.parse(`${seconds}Z`) * 1_000 + Number(digits.padEnd(6, '0').slice(0, 6))
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
