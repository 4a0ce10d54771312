import { TRUSTED } from '../../ground/limits.js'
import { Op, VERSION } from '../../link/session/op.js'
import type { Transport } from '../../transport/transport.js'
import type { Sink } from '../../wire/codec.js'
import { Decoder } from '../../wire/decode.js'
import { Encoder } from '../../wire/encode.js'
import type { Dice } from '../random/dice.js'
import { type RawFrame, readFrame, readReference } from '../raw-frame.js'
import { isCode, isCoded } from './codes.js'
import { FrameWriter } from './frame-writer.js'
import { mutate } from './mutation.js'
import { SURE } from './target.js'
import { ValueWriter } from './value-writer.js'

/** Actors that it spawns when it begins. They get the first places in the table. */
const SPAWNED = 2
/** What engines say where code took a value for something else. Texts of peers do not read so. */
const SLIP_OF_OURS = /^Cannot | is not (?:a |an |iterable|defined)/
const FEATURES = ['batches', 'pipelining', 'introductions', 'ends', 'resume']

/** A peer that sends frames at random over a transport, most of which are wrong, and answers what it is asked. */
export class HostilePeer {
  /** What the other side did that no side may. */
  readonly faults: string[] = []
  sent = 0
  readonly #transport: Transport
  readonly #dice: Dice
  readonly #frames: FrameWriter
  readonly #encoder = new Encoder({ export: () => false }, TRUSTED, false)
  readonly #decoder = new Decoder({ import: readReference }, { ...TRUSTED, depth: 1_000 })
  readonly #sinks: readonly Sink[]
  /** The part of payloads that are broken after they were written. */
  readonly #mutations: number
  #isOver = false
  #replies = 0

  constructor(transport: Transport, dice: Dice) {
    this.#transport = transport
    this.#dice = dice
    // Some keep to the grammar for long, so that their links live.
    const isCareful = dice.chance(0.6)
    this.#mutations = isCareful ? 0.02 : 0.3
    const values = new ValueWriter(dice, isCareful ? 0 : dice.random() * 0.1)
    this.#frames = new FrameWriter(dice, values)
    // The form for batches is read by every side that has it.
    const { codec } = transport
    this.#sinks = codec.batch ? [codec.sink(), codec.batch()] : [codec.sink()]
    void transport.closed.then(() => (this.#isOver = true))
    transport.receive((data) => this.#receive(data))
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get hasHello(): boolean {
    return this.#frames.nonce !== ''
  }

  /** Whether it got the actors that it spawned. */
  get hasActors(): boolean {
    return this.#replies >= SPAWNED
  }

  /** Goes through the handshake like an honest peer, and spawns actors, which get the first places in the table. */
  begin(): void {
    const { frame, depth, nodes, calls, references, window } = TRUSTED
    const sizes = this.#dice.chance(0.1) ? { frame: 300, depth: 3, nodes: 5 } : { frame, depth, nodes }
    const limits = { ...sizes, calls, references, window }
    const features = FEATURES.filter(() => this.#dice.chance(0.5))
    const id = `hostile-${this.#dice.below(3)}`
    this.#honest(Op.Hello, { version: VERSION, id, nonce: 'nonce', limits, features, answer: this.#frames.nonce })
    this.#honest(Op.Welcome, { actors: [] })
    for (let n = 0; n < SPAWNED; n++) this.#honest(Op.Request, 30 + n, 0, 'spawn', 2, 'Target', {})
  }

  /** Calls a handler that ends when its caller is gone. */
  wait(): void {
    this.#honest(Op.Call, 40, 0, 'wait', 1, SURE)
  }

  /** Sends one payload. */
  attack(early: boolean): void {
    const dice = this.#dice
    const sink = dice.one(this.#sinks)
    for (let left = 1 + dice.below(3); left > 0 && !sink.urgent; left--, this.sent++) this.#frames.write(sink, early)
    const { data } = sink.take()
    this.#post(dice.chance(this.#mutations) ? mutate(dice, data, undefined) : data)
  }

  /** What of it is left when it goes. */
  end(): void {
    this.#transport.close()
  }

  #honest(...fields: unknown[]): void {
    const sink = this.#sinks[0]!
    this.#encoder.begin(sink)
    for (const field of fields) this.#encoder.value(field)
    this.#post(sink.take().data)
  }

  #post(data: unknown): void {
    if (!this.#isOver) this.#transport.send(data, [])
  }

  #receive(data: unknown): void {
    try {
      const source = this.#transport.codec.source(data, Infinity)
      while (source.more()) {
        this.#decoder.begin(source)
        this.#heard(readFrame(this.#decoder))
      }
    } catch (error) {
      this.faults.push(`the other side sent what cannot be read: ${(error as Error).stack}`)
    }
  }

  #heard({ op, slot, value }: RawFrame): void {
    const dice = this.#dice
    switch (op) {
      case Op.Hello:
        this.#frames.nonce = (value as { nonce: string }).nonce
        break
      case Op.Close: {
        const { code } = value as { code: string }
        if (!isCode(code)) this.faults.push(`it closed the link with the code ${code}`)
        this.#isOver = true
        break
      }
      case Op.Result:
        this.#replies++
        break
      case Op.Fail:
        this.#replies++
        if (value instanceof Error && value.name === 'ActorError' && !isCoded(value))
          this.faults.push(`a call failed with ${String(value)}`)
        if (value instanceof TypeError && SLIP_OF_OURS.test(value.message))
          this.faults.push(`a call failed with ${value.message}`)
        break
      case Op.Call:
      case Op.Property:
      case Op.Request:
        if (dice.chance(0.95)) {
          const sink = this.#sinks[0]!
          this.#frames.reply(sink, slot)
          this.#post(sink.take().data)
        }
    }
  }
}
