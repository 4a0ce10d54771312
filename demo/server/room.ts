import { Actor, type Peer, type Proxy } from 'troupe'
import { type History, KEPT } from './history.js'
import type { Message, News, Receipt, Said } from './message.js'
import { Seat } from './seat.js'

/** Messages that a newcomer is shown, and that are sent at once at most. */
const SHOWN = 50
const NAMES = ['Ada', 'Ben', 'Chloe', 'Dev', 'Elif', 'Femi', 'Greta', 'Hugo', 'Ines', 'Jin', 'Kofi', 'Luz']

/** The chat room. It remembers nothing that its history does not know. */
export class Room extends Actor {
  static exposed = ['follow', 'rename', 'say']
  readonly #history: Proxy<History>
  readonly #peers: () => readonly Peer[]
  readonly #seats = new Set<Seat>()
  #id = ''
  #messages: Message[] = []

  /** Takes the history, and a function that returns the peers that are linked now. */
  constructor(history: Proxy<History>, peers: () => readonly Peer[]) {
    super()
    this.#history = history
    this.#peers = peers
  }

  override async onStart(): Promise<void> {
    this.#id = await this.#history.id()
    this.#messages = await this.#history.since(0)
  }

  /** Seats a person for as long as the news are read. `seen` is the last message that the person has, in the room `room`. */
  async *follow(name: string, room: string, seen: number): AsyncGenerator<News> {
    const { caller, signal } = this.context
    const peer = this.#peers().find(({ id }) => id === caller?.peer)
    if (!peer) return
    const seat = new Seat(peer, tidy(name, 30) || this.#freeName())
    const off = peer.on('state', () => this.#notify())
    signal.addEventListener('abort', () => seat.notify())
    this.#seats.add(seat)
    this.#notify()
    let last = room === this.#id ? seen : this.#last - SHOWN
    try {
      for (;;) {
        await seat.news()
        const messages = this.#messages.filter(({ number }) => number > last).slice(0, SHOWN)
        last = messages.at(-1)?.number ?? last
        if (last < this.#last) seat.notify()
        yield { room: this.#id, messages, people: Array.from(this.#seats, ({ person }) => person) }
      }
    } finally {
      off()
      this.#seats.delete(seat)
      this.#notify()
    }
  }

  rename(name: string): void {
    for (const seat of this.#seats)
      if (seat.person.id === this.context.caller?.peer) seat.name = tidy(name, 30) || seat.name
    this.#notify()
  }

  /** Resolves when the message is in the history. */
  async say({ id, name, text }: Said): Promise<Receipt> {
    const said = { id: tidy(id, 100), name: tidy(name, 60), text: tidy(text, 500) }
    const { receipt, since } = await this.#history.add(said, this.#last)
    this.#messages.push(...since)
    this.#messages.splice(0, this.#messages.length - KEPT)
    this.#notify()
    return receipt
  }

  get #last(): number {
    return this.#messages.at(-1)?.number ?? 0
  }

  #notify(): void {
    for (const seat of this.#seats) seat.notify()
  }

  #freeName(): string {
    const taken = Array.from(this.#seats, ({ name }) => name)
    return NAMES.find((name) => !taken.includes(name)) ?? `Guest ${taken.length}`
  }
}

/** A page can send anything: makes it a text of at most so many characters. */
const tidy = (value: unknown, length: number): string => String(value).trim().slice(0, length)
