import {
  ActorError,
  bytes,
  type BusInfo,
  Channel,
  type Guest,
  type Medium,
  type Packet as Said,
} from '../../core/adapter.js'
import type { Broker, BrokerListener } from './broker.js'
import { guestOf } from './guest.js'
import type { Keyring } from './keyring.js'
import { leafOf } from './leaf.js'
import { Line } from './line.js'
import { Lines } from './lines.js'
import { Letters } from './letters.js'
import { type Kind, OVERHEAD, type Packet } from './packet.js'
import type { Seal } from './seal.js'
import { Strangers } from './strangers.js'

declare const setTimeout: (fn: () => void, ms: number) => unknown
declare const clearTimeout: (timer: unknown) => void

/** Bytes of the largest packet: larger ones keep others waiting. */
const LARGEST = 512 * 1024
/** Bytes that are kept for one member while nothing can be sent. */
const KEPT = 16 * 1024 * 1024
/** Milliseconds in which all leaves answer a member that has joined. */
const SPREAD = 1_000
/** Says in a packet of the kind `lost` that the receiver has to join again, also if it has ended the link itself. */
const AGAIN = 1

/** What a bus has of its options. */
export interface MediumOptions {
  /** What carries it, for messages. */
  readonly name: string
  readonly member: string
  /** What all subjects of the bus begin with. */
  readonly prefix: string
  /** The subject of all members. */
  readonly all: string
  /** The subject of all leaves. */
  readonly leaves: string
  /** The subject of one member. */
  readonly subjectOf: (id: string) => string
  readonly keyring: Keyring
  /** Bytes of the largest payload. */
  readonly frame: number
}

/**
 * A bus that a server carries. Each member has a subject of its own, and all have one in common.
 *
 * The server may lose what is published, as when a connection breaks. So each pair of members numbers its packets, keeps them
 * until they are confirmed, and sends again what is missing. A member that others take for gone joins again, as another one.
 */
export class BrokerMedium extends Channel implements Medium {
  readonly traits: Medium['traits']
  readonly codec = bytes
  members?: Medium['members']
  readonly #options: MediumOptions
  readonly #letters: Letters
  readonly #lines = new Lines()
  readonly #strangers = new Strangers()
  /** Apart: they could come and go until others are forgotten. */
  readonly #formerLeaves = new Strangers()
  #broker: Broker | undefined
  #isUp = false
  #outage: ((reason: ActorError | undefined) => void) | undefined
  #refused = 0
  #resent = 0
  /** The timer of a leaf that is about to say that it is there. */
  #answer: unknown

  constructor(options: MediumOptions) {
    super()
    this.#options = options
    this.#letters = new Letters(options.keyring)
    const trusted = !options.keyring.isLeaf
    this.traits = { payload: 'bytes', transfer: false, ordered: true, topology: 'bus', trusted, heartbeat: true }
  }

  /** What the adapter tells. */
  get listener(): BrokerListener {
    const { prefix, all, leaves, subjectOf, keyring } = this.#options
    return {
      prefix,
      subjects: [keyring.isLeaf ? leaves : all, subjectOf(keyring.id)],
      message: (subject, data) => this.#receive(subject, data),
      up: () => this.#up(),
      down: (reason) => this.#down(reason),
      end: (reason) => this.fail(reason),
    }
  }

  begin(broker: Broker): void {
    const { subjectOf } = this.#options
    const prefix = subjectOf('')
    this.#broker = broker
    if (broker.subjects)
      this.members = async () => {
        // One that does not say it is no reason not to join.
        const subjects = await broker.subjects!(prefix).catch(() => [])
        return subjects.flatMap((subject) => (subject.startsWith(prefix) ? [subject.slice(prefix.length)] : []))
      }
    if (this.isOver) broker.close()
  }

  ended(member: string, isSilent: boolean): void {
    if (!this.#lines.end(member)) return
    this.#strangersLike(member).end(member)
    // It may be there again later, and learns then what was made of its silence.
    if (isSilent) this.#say('lost', member, AGAIN)
  }

  guest(member: string): Guest | undefined {
    const leaf = leafOf(member)
    const line = this.#lines.get(member)
    return leaf && line && guestOf(leaf, line, () => this.#say('sync', member))
  }

  outages(listener: (reason: ActorError | undefined) => void): void {
    this.#outage = listener
  }

  info(): BusInfo {
    const state = this.#isUp ? 'open' : 'away'
    return { name: this.#options.name, state, refused: this.#refused, resent: this.#resent }
  }

  protected post(said: unknown): void {
    const { to, kind, data } = said as Said
    if (kind !== 'data') {
      if (kind === 'gone') this.#part()
      return this.#say(kind, to)
    }
    const line = this.#lines.get(to!)
    if (!line) return
    line.outgoing.add(data as Uint8Array)
    if (!this.#isUp && line.outgoing.keptBytes > KEPT) return this.#drop(to!)
    this.#lines.gather(line)
  }

  protected end(): void {
    clearTimeout(this.#answer)
    this.#lines.close()
    this.#isUp = false
    this.#broker?.close()
  }

  /** Last words: leaves don't hear what is said to all. */
  #part(): void {
    this.#lines.flush()
    for (const id of this.#lines.ids) if (leafOf(id)) this.#say('gone', id)
  }

  #up(): void {
    const isBack = this.#broker !== undefined
    this.#isUp = true
    if (!isBack) return
    this.#outage?.(undefined)
    // Those that came meanwhile learn of this member; those that took it for gone say so.
    this.#say('here', undefined)
    for (const member of this.#lines.ids) this.#say('ask', member)
  }

  #down(reason: ActorError): void {
    if (!this.#isUp) return
    this.#isUp = false
    this.#lines.ask()
    if (!this.isOver) this.#outage?.(reason)
  }

  /** Sends a packet without payloads to one member, or to all. */
  #say(kind: Kind, to: string | undefined, received = 0): void {
    const { all, leaves, subjectOf, keyring } = this.#options
    const line = to === undefined ? undefined : this.#lines.get(to)
    line?.incoming.told()
    const seal = line?.seal ?? (to === undefined ? keyring.own : keyring.of(to))
    if (!seal) return
    const say = (subject: string): void =>
      this.#publish(subject, this.#letters.note(kind, line?.incoming.received ?? received, subject, seal))
    say(to === undefined ? all : subjectOf(to))
    // A leaf can't check it, and only says that it is there.
    if (to === undefined && kind === 'here' && !keyring.isLeaf) say(leaves)
  }

  #publish(subject: string, packet: Uint8Array): void {
    if (this.#isUp) this.#broker?.publish(subject, packet)
  }

  /** The link with that member ends. */
  #drop(member: string): void {
    this.take({ from: member, to: undefined, kind: 'gone' } satisfies Said)
  }

  #receive(subject: string, data: Uint8Array): void {
    if (this.isOver) return
    const { keyring, all, leaves } = this.#options
    if (subject === leaves) return this.#answerAll()
    const letter = this.#letters.read(data, subject, (member) => this.#lines.get(member)?.seal)
    if (!letter) return this.#refuse()
    const { packet, seal } = letter
    // What is said to all comes back.
    if (packet.from === keyring.id) return
    const isForAll = subject === all
    if (isForAll && packet.kind !== 'here' && packet.kind !== 'gone') return this.#refuse()
    const line = this.#lines.get(packet.from)
    if (line) this.#hear(line, packet, isForAll)
    else this.#meet(packet, isForAll, seal)
  }

  /** A leaf is told that somebody came, by whom it can't know. */
  #answerAll(): void {
    this.#answer ??= setTimeout(() => {
      this.#answer = undefined
      this.#say('here', undefined)
    }, Math.random() * SPREAD)
  }

  #refuse(): void {
    this.#refused++
  }

  /** A packet of one that is not a member. */
  #meet({ kind, from, number, received }: Packet, isForAll: boolean, seal: Seal): void {
    if (kind === 'gone') return
    if (kind === 'lost') return received === AGAIN ? this.#isLost(from) : undefined
    const isHere = kind === 'here'
    const strangers = this.#strangersLike(from)
    if (!isHere || strangers.hasEnded(from)) {
      // While nothing can be sent, this is no answer.
      if (this.#isUp && strangers.shouldAnswer(from)) this.#say('lost', from, isHere ? AGAIN : 0)
      return
    }
    if (this.#lines.isCrowd(from)) return this.#refuse()
    // What is said to all may have been recorded before. Only one that is there now can answer the id of this member.
    if (!isForAll) this.#lines.add(from, this.#newLine(from, seal, number))
    this.#say('here', from)
    if (!isForAll) this.take({ from, to: this.#options.member, kind } satisfies Said)
  }

  #strangersLike(member: string): Strangers {
    return leafOf(member) ? this.#formerLeaves : this.#strangers
  }

  #newLine(member: string, seal: Seal, number: number): Line {
    const { frame, subjectOf } = this.#options
    const subject = subjectOf(member)
    const line = new Line(
      {
        largest: Math.min(LARGEST, this.#broker?.largest ?? LARGEST) - OVERHEAD - seal.size,
        isUp: () => this.#isUp,
        pack: (count, body) => {
          line.incoming.told()
          return this.#letters.write('data', count, line.incoming.received, body, subject, seal)
        },
        publish: (packet) => this.#publish(subject, packet),
        resend: (packet) => {
          this.#resent++
          this.#publish(subject, packet)
        },
      },
      seal,
      frame,
      number,
      !leafOf(member),
    )
    return line
  }

  #hear(line: Line, { kind, from, number, received, body }: Packet, isForAll: boolean): void {
    const { outgoing, incoming } = line
    if (kind !== 'data' && !line.isNew(number)) return this.#refuse()
    // One that is connected again may have given this member up.
    if (kind === 'here') return isForAll ? this.#say('ask', from) : undefined
    if (kind === 'gone') return this.#drop(from)
    if (kind === 'lost') return this.#isLost(from)
    if (!outgoing.confirm(received)) return this.#refuse()
    if (kind === 'ask' || kind === 'sync') outgoing.again()
    if (kind === 'ask') this.#say('sync', from)
    if (kind !== 'data') return
    const verdict = incoming.take(number, body, (payload) =>
      this.take({ from, to: this.#options.member, kind, data: payload } satisfies Said),
    )
    if (verdict === 'repeated') return this.#refuse()
    if (verdict === 'malformed') return this.#drop(from)
    if (verdict === 'early' && incoming.shouldAsk()) this.#say('sync', from)
    else if (incoming.isTime) this.#say('ack', from)
  }

  /** Another member takes this one for gone. What a leaf says of it is between the two. */
  #isLost(member: string): void {
    if (leafOf(member)) return this.#drop(member)
    this.fail(new ActorError('unreachable', 'another member took this one for gone, and it joins again'))
  }
}
