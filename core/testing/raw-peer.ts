import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import { TRUSTED } from '../ground/limits.js'
import { Op, VERSION } from '../link/session/op.js'
import type { Transport } from '../transport/transport.js'
import type { Sink } from '../wire/codec.js'
import { Decoder } from '../wire/decode.js'
import { Encoder } from '../wire/encode.js'
import { type RawFrame, type RawReference, readFrame, readReference } from './raw-frame.js'

/** Speaks the protocol by hand, to say what no dispatcher would. */
export class RawPeer {
  readonly #transport: Transport
  readonly #encoder = new Encoder({ export: () => false }, TRUSTED, false)
  readonly #decoder: Decoder
  readonly #frames: RawFrame[] = []
  readonly #id: string
  #waiting: (() => void) | undefined
  readonly #nonce = 'raw'
  readonly #closed = new Deferred<ActorError>()

  constructor(transport: Transport, id = `raw-${Math.random()}`) {
    this.#transport = transport
    this.#id = id
    this.#decoder = new Decoder({ import: readReference }, TRUSTED)
    void transport.closed.then((reason) => this.#over(reason))
    transport.receive((data) => this.#receive(data))
  }

  /** Resolves with what the other side said when it closed, or with the transport's reason. */
  get closed(): Promise<ActorError> {
    return this.#closed.promise
  }

  /** Goes through the handshake like an honest peer. */
  async shakeHands(overrides: Record<string, unknown> = {}): Promise<void> {
    const hello = (await this.next(Op.Hello)).value as { nonce: string }
    this.hello({ answer: hello.nonce, ...overrides })
    await this.next(Op.Welcome)
    this.send(Op.Welcome, { actors: [] })
  }

  hello(overrides: Record<string, unknown> = {}): void {
    const { frame, depth, nodes, calls, references, window } = TRUSTED
    const limits = { frame, depth, nodes, calls, references, window }
    this.send(Op.Hello, { version: VERSION, id: this.#id, nonce: this.#nonce, limits, ...overrides })
  }

  async spawn(key: string): Promise<RawReference> {
    this.send(Op.Request, 0, 0, 'spawn', 2, key, {})
    return (await this.reply(0)).value as RawReference
  }

  /** Calls a method as any name, without asking whether a proxy would. */
  call(slot: number, actor: RawReference, method: string, ...args: unknown[]): void {
    this.send(Op.Call, slot, actor.index, method, args.length, ...args)
  }

  /** Reads a property, or writes it if there is a value. */
  property(slot: number, actor: RawReference, name: string, ...value: unknown[]): void {
    this.send(Op.Property, slot, actor.index, name, value.length, ...value)
  }

  /** Writes any fields as one frame. */
  send(...fields: unknown[]): void {
    this.write((sink) => {
      this.#encoder.begin(sink)
      for (const field of fields) this.#encoder.value(field)
    })
  }

  /** Sends as one payload what no encoder would write. */
  write(fill: (sink: Sink) => void): void {
    const sink = this.#transport.codec.sink()
    fill(sink)
    const { data, transfer } = sink.take()
    this.#transport.send(data, transfer)
  }

  /** Sends what is no frame at all. */
  sendRaw(data: unknown): void {
    this.#transport.send(data, [])
  }

  reply(slot: number): Promise<RawFrame> {
    return this.#find((frame) => (frame.op === Op.Result || frame.op === Op.Fail) && frame.slot === slot)
  }

  next(op: number): Promise<RawFrame> {
    return this.#find((frame) => frame.op === op)
  }

  close(): void {
    this.#transport.close()
  }

  async #find(wanted: (frame: RawFrame) => boolean): Promise<RawFrame> {
    for (;;) {
      const index = this.#frames.findIndex(wanted)
      if (index >= 0) return this.#frames.splice(index, 1)[0]!
      const reason = await Promise.race([
        this.#closed.promise,
        new Promise<undefined>((resolve) => (this.#waiting = () => resolve(undefined))),
      ])
      if (reason) throw reason
    }
  }

  #receive(data: unknown): void {
    const source = this.#transport.codec.source(data, Infinity)
    while (source.more()) {
      this.#decoder.begin(source)
      const frame = readFrame(this.#decoder)
      if (frame.op === Op.Close) {
        const { code, text } = frame.value as { code: never; text: string }
        this.#over(new ActorError(code, text))
      } else this.#frames.push(frame)
    }
    this.#waiting?.()
  }

  #over(reason: ActorError): void {
    this.#closed.resolve(reason)
  }
}
