import { ActorError, bytes, type BusInfo, Channel, type Medium, type Packet as Said } from '../../core/adapter.js'
import type { Broker, BrokerListener } from './broker.js'
import { Line } from './line.js'
import { type Kind, OVERHEAD, type Packet, readPacket, writePacket } from './packet.js'
import type { Seal } from './seal.js'
import { Strangers } from './strangers.js'

declare const queueMicrotask: (fn: () => void) => void

/** Bytes of the largest packet: larger ones keep others waiting. */
const LARGEST = 512 * 1024
/** Bytes that are kept for one member while nothing can be sent. */
const KEPT = 16 * 1024 * 1024
/** Says in a packet of the kind `lost` that the receiver has to join again, also if it has ended the link itself. */
const AGAIN = 1

/** What a bus has of its options. */
export interface MediumOptions {
  /** What carries it, for messages. */
  readonly name: string
  readonly member: string
  /** The subject of all members. */
  readonly all: string
  /** The subject of one member. */
  readonly subjectOf: (member: string) => string
  readonly seal: Seal
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
  readonly traits = {
    payload: 'bytes',
    transfer: false,
    ordered: true,
    topology: 'bus',
    trusted: true,
    heartbeat: true,
  } as const
  readonly codec = bytes
  members?: Medium['members']
  readonly #options: MediumOptions
  readonly #lines = new Map<string, Line>()
  readonly #strangers = new Strangers()
  /** Members with payloads that leave at the end of the turn. */
  readonly #gathering = new Set<Line>()
  #broker: Broker | undefined
  #isUp = false
  #outage: ((reason: ActorError | undefined) => void) | undefined
  /** The number of the last packet without payloads. */
  #number = 0
  #refused = 0
  #resent = 0

  constructor(options: MediumOptions) {
    super()
    this.#options = options
  }

  /** What the adapter tells. */
  get listener(): BrokerListener {
    const { all, member, subjectOf } = this.#options
    return {
      subjects: [all, subjectOf(member)],
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
        const subjects = await broker.subjects!().catch(() => [])
        return subjects.flatMap((subject) => (subject.startsWith(prefix) ? [subject.slice(prefix.length)] : []))
      }
    if (this.isOver) broker.close()
  }

  ended(member: string, isSilent: boolean): void {
    const line = this.#lines.get(member)
    if (!line) return
    // Its last words.
    line.outgoing.flush()
    this.#lines.delete(member)
    this.#gathering.delete(line)
    this.#strangers.end(member)
    // It may be there again later, and learns then what was made of its silence.
    if (isSilent) this.#say('lost', member, AGAIN)
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
      if (kind === 'gone') this.#flush()
      return this.#say(kind, to)
    }
    const line = this.#lines.get(to!)
    if (!line) return
    line.outgoing.add(data as Uint8Array)
    if (!this.#isUp && line.outgoing.keptBytes > KEPT) return this.#drop(to!)
    if (this.#gathering.size === 0) queueMicrotask(() => this.#flush())
    this.#gathering.add(line)
  }

  protected end(): void {
    this.#flush()
    this.#isUp = false
    this.#broker?.close()
  }

  #flush(): void {
    for (const line of this.#gathering) line.outgoing.flush()
    this.#gathering.clear()
  }

  #up(): void {
    const isBack = this.#broker !== undefined
    this.#isUp = true
    if (!isBack) return
    this.#outage?.(undefined)
    // Those that came meanwhile learn of this member; those that took it for gone say so.
    this.#say('here', undefined)
    for (const member of this.#lines.keys()) this.#say('ask', member)
  }

  #down(reason: ActorError): void {
    if (!this.#isUp) return
    this.#isUp = false
    for (const { outgoing } of this.#lines.values()) outgoing.ask()
    if (!this.isOver) this.#outage?.(reason)
  }

  /** Sends a packet without payloads to one member, or to all. */
  #say(kind: Kind, to: string | undefined, received = 0): void {
    const line = to === undefined ? undefined : this.#lines.get(to)
    line?.incoming.told()
    const subject = this.#subject(to)
    this.#publish(subject, this.#pack(kind, ++this.#number, line?.incoming.received ?? received, [], subject))
  }

  #pack(kind: Kind, number: number, received: number, body: readonly Uint8Array[], subject: string): Uint8Array {
    const { seal, member } = this.#options
    const packet = writePacket(kind, member, number, received, body, seal.size)
    seal.sign(packet, subject)
    return packet
  }

  #publish(subject: string, packet: Uint8Array): void {
    if (this.#isUp) this.#broker?.publish(subject, packet)
  }

  #subject(to: string | undefined): string {
    return to === undefined ? this.#options.all : this.#options.subjectOf(to)
  }

  /** The link with that member ends. */
  #drop(member: string): void {
    this.take({ from: member, to: undefined, kind: 'gone' } satisfies Said)
  }

  #receive(subject: string, data: Uint8Array): void {
    if (this.isOver) return
    const { seal, all, member } = this.#options
    const packet = readPacket(data, seal.size)
    if (!packet || !seal.verify(data, subject)) return this.#refuse()
    // What is said to all comes back.
    if (packet.from === member) return
    const isForAll = subject === all
    if (isForAll && packet.kind !== 'here' && packet.kind !== 'gone') return this.#refuse()
    const line = this.#lines.get(packet.from)
    if (line) this.#hear(line, packet)
    else this.#meet(packet, isForAll)
  }

  #refuse(): void {
    this.#refused++
  }

  /** A packet of one that is not a member. */
  #meet({ kind, from, number, received }: Packet, isForAll: boolean): void {
    if (kind === 'gone') return
    if (kind === 'lost') return received === AGAIN ? this.#isLost() : undefined
    const isHere = kind === 'here'
    if (!isHere || this.#strangers.hasEnded(from)) {
      if (this.#strangers.shouldAnswer(from)) this.#say('lost', from, isHere ? AGAIN : 0)
      return
    }
    // What is said to all may have been recorded before. Only one that is there now can answer the id of this member.
    if (!isForAll) this.#lines.set(from, this.#newLine(from, number))
    this.#say('here', from)
    if (!isForAll) this.take({ from, to: this.#options.member, kind } satisfies Said)
  }

  #newLine(member: string, number: number): Line {
    const { seal, frame, subjectOf } = this.#options
    const subject = subjectOf(member)
    const isUp = (): boolean => this.#isUp
    const line = new Line(
      {
        largest: Math.min(LARGEST, this.#broker?.largest ?? LARGEST) - OVERHEAD - seal.size,
        get isUp() {
          return isUp()
        },
        pack: (count, body) => {
          line.incoming.told()
          return this.#pack('data', count, line.incoming.received, body, subject)
        },
        publish: (packet) => this.#publish(subject, packet),
        resend: (packet) => {
          this.#resent++
          this.#publish(subject, packet)
        },
      },
      frame,
      number,
    )
    return line
  }

  #hear(line: Line, { kind, from, number, received, body }: Packet): void {
    const { outgoing, incoming } = line
    if (kind !== 'data' && !line.isNew(number)) return this.#refuse()
    if (kind === 'here') return
    if (kind === 'gone') return this.#drop(from)
    if (kind === 'lost') return this.#isLost()
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

  /** Another member takes this one for gone. */
  #isLost(): void {
    this.fail(new ActorError('unreachable', 'another member took this one for gone, and it joins again'))
  }
}
