import { ActorError, adaptive, type Listener, listener, type Transport } from '../../core/adapter.js'
import { type PortLike, PortTransport } from './port.js'

/* oxlint-disable typescript/no-explicit-any -- the platform's own type for what is transferred is not known here. */
/** The part of another realm's window that is used: all of it may be read across origins. */
export interface WindowLike {
  readonly window: unknown
  readonly closed: boolean
  postMessage(message: any, targetOrigin: string, transfer?: any): void
}
/* oxlint-enable typescript/no-explicit-any */

/** What `messagePort` and `host` need to know of a window. */
export interface WindowOptions {
  /** The exact origin of the page in that window: `https://example.org`. */
  readonly origin: string
}

/** Links with one window at a time: whoever knocks more often is not heard. */
const MOST = 100

/** What two windows say to each other, marked as ours among all else that they may exchange. */
interface Note {
  /** A host says that it is there, whoever connects knocks, and then there are frames. */
  readonly troupe: 'host' | 'knock' | 'frame'
  readonly from: string
  /** Given with a frame. */
  readonly to?: string
  readonly data?: unknown
}

type Heard = (event: { source: unknown; origin: string; data: unknown }) => void

const scope = globalThis as unknown as {
  readonly origin: string
  addEventListener(type: string, listener: Heard): void
  removeEventListener(type: string, listener: Heard): void
}

/** Goes by what a window of another origin shows as well; naming its constructor would throw. */
export const isWindow = (target: PortLike | WindowLike): target is WindowLike =>
  typeof target === 'object' && (target as Partial<WindowLike> | null)?.window === target

/** One page in one window. What is said reaches no other page, and no other page or window is heard. */
export class Opposite {
  readonly window: WindowLike
  readonly origin: string

  /** Throws `origin` unless that is one, exactly. */
  constructor(window: WindowLike, origin: string | undefined) {
    this.window = window
    this.origin = exactOrigin(origin)
  }

  say(note: Note, transfer: readonly object[] = []): void {
    this.window.postMessage(note, this.origin, transfer)
  }

  /** Returns its undo. */
  hear(type: 'message' | 'messageerror', listener: (data: unknown) => void): () => void {
    const heard: Heard = ({ source, origin, data }) => {
      if (source === this.window && origin === this.origin) listener(data)
    }
    scope.addEventListener(type, heard)
    return () => scope.removeEventListener(type, heard)
  }

  /** A transport to whoever hosts there, now or later. */
  connect(): Transport {
    return this.#transport(new WindowPort(this, newId(), undefined))
  }

  /** Takes all who knock there, each with a transport of its own. */
  listener(): Listener {
    return listener(async (accept) => {
      const undo = this.#host(accept)
      return { close: async () => undo() }
    })
  }

  #host(accept: (transport: Transport) => void): () => void {
    const self = newId()
    const met = new Set<string>()
    const undo = this.hear('message', (note) => {
      if (!isNote(note) || note.troupe !== 'knock' || met.has(note.from) || met.size >= MOST) return
      const { from } = note
      met.add(from)
      const transport = this.#transport(new WindowPort(this, self, from))
      void transport.closed.then(() => met.delete(from))
      accept(transport)
    })
    this.say({ troupe: 'host', from: self })
    return undo
  }

  #transport(port: WindowPort): Transport {
    const { origin } = this
    return new PortTransport(port, { codec: adaptive, facts: { origin }, trusted: origin === scope.origin })
  }
}

/** One end of a conversation between two windows: a port, as far as its transport can see. */
class WindowPort implements PortLike {
  readonly #opposite: Opposite
  readonly #self: string
  /** The other end, once it has spoken. */
  #other: string | undefined
  /** What waits for it: nothing is said to a window that may still be loading. */
  #early: [data: unknown, transfer: readonly object[]][] = []
  #gone = (): void => {}
  readonly #undo: (() => void)[] = []

  constructor(opposite: Opposite, self: string, other: string | undefined) {
    this.#opposite = opposite
    this.#self = self
    this.#other = other
  }

  postMessage(data: unknown, transfer: readonly object[]): void {
    if (this.#opposite.window.closed) this.#gone()
    else if (this.#other === undefined) this.#early.push([data, transfer])
    else this.#opposite.say({ troupe: 'frame', from: this.#self, to: this.#other, data }, transfer)
  }

  addEventListener(type: 'message' | 'messageerror' | 'close', listener: (event: { data: unknown }) => void): void {
    if (type === 'close') this.#gone = () => listener({ data: undefined })
    else if (type === 'messageerror') this.#undo.push(this.#opposite.hear(type, (data) => listener({ data })))
    else this.#undo.push(this.#opposite.hear(type, (note) => isNote(note) && this.#take(note, listener)))
  }

  start(): void {
    if (this.#other === undefined) this.#opposite.say({ troupe: 'knock', from: this.#self })
  }

  close(): void {
    for (const undo of this.#undo) undo()
  }

  #take({ troupe, from, to, data }: Note, listener: (event: { data: unknown }) => void): void {
    // A host that came after our knock has not heard it.
    if (troupe === 'host') return this.start()
    if (troupe !== 'frame' || to !== this.#self || (this.#other ?? from) !== from) return
    this.#other = from
    for (const [early, transfer] of this.#early.splice(0)) this.postMessage(early, transfer)
    listener({ data })
  }
}

/** Tells the ends in one window from those in another, and from those that were there before a page was loaded anew. */
const newId = (): string => Math.random().toString(36).slice(2)

function isNote(data: unknown): data is Note {
  if (typeof data !== 'object' || data === null) return false
  const { troupe, from } = data as Partial<Note>
  return typeof troupe === 'string' && typeof from === 'string' && from.length <= 64
}

function exactOrigin(origin: string | undefined): string {
  const exact = originIn(origin)
  if (exact !== undefined && exact === origin) return origin
  throw new ActorError(
    'origin',
    `${origin === undefined ? 'no origin' : `'${origin}'`} was given for a window; give { origin: ` +
      `'${exact ?? 'https://example.org'}' }, the exact origin of the page in it. '*' would let in any page; ` +
      'a sandboxed frame without an origin is given a MessagePort instead',
  )
}

/** The origin of a URL, as browsers tell it with messages; undefined where there is none. */
function originIn(url: string | undefined): string | undefined {
  try {
    const { origin, protocol, host } = new URL(url ?? '')
    // Of schemes that it does not know, such as an app's own, URL says no origin.
    if (origin !== 'null') return origin
    return host === '' ? undefined : `${protocol}//${host}`
  } catch {
    return undefined
  }
}
