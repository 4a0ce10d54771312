import { platformEnv } from '../../ground/env.js'
import { TRUSTED, UNTRUSTED } from '../../ground/limits.js'
import type { Codec, Sink } from '../../wire/codec.js'
import { Decoder } from '../../wire/decode.js'
import { Dice, seeded } from '../random/dice.js'
import { readReference } from '../raw-frame.js'
import { isCoded } from './codes.js'
import { mutate } from './mutation.js'
import { ValueWriter } from './value-writer.js'

/** Milliseconds that no frame of this size may take. */
const STALL = 1_000

/** What became of the cases that were tried. */
export interface CodecTally {
  /** Payloads that were read to their end, and those that were refused. */
  read: number
  refused: number
  /** What went wrong, with the seed of each case. */
  readonly faults: string[]
}

/** Reads payloads that were written at random, most of them wrong, as a link would. */
export class CodecFuzz {
  readonly tally: CodecTally = { read: 0, refused: 0, faults: [] }
  readonly #codec: Codec
  readonly #limit: number
  readonly #sinks: readonly Sink[]
  readonly #decoders: readonly Decoder[]

  /** `limit` is that of the bytes of a payload, `Infinity` where the platform clones. */
  constructor(codec: Codec, limit: number) {
    this.#codec = codec
    this.#limit = limit
    this.#sinks = codec.batch ? [codec.sink(), codec.batch()] : [codec.sink()]
    this.#decoders = [UNTRUSTED, TRUSTED].map((limits) => new Decoder({ import: readReference }, limits))
  }

  /** Tries the case of that seed. */
  try(seed: number): void {
    const dice = new Dice(seeded(seed))
    const isTrue = dice.chance(0.1)
    const { data, count } = this.#write(dice, isTrue)
    const isWhole = isTrue || dice.chance(0.5)
    const sent = isWhole ? data : mutate(dice, data, this.#write(dice, false).data)
    const decoder = dice.one(this.#decoders)
    const began = platformEnv.now()
    const fault = this.#read(sent, decoder, isTrue ? count : undefined)
    if (platformEnv.now() - began > STALL && this.#isSlow(sent, decoder))
      this.tally.faults.push(`seed ${seed}: it takes more than ${STALL} ms to read`)
    if (fault) this.tally.faults.push(`seed ${seed}: ${fault}`)
  }

  /** Whether it takes so long each time: a busy machine may stop any process for a while. */
  #isSlow(data: unknown, decoder: Decoder): boolean {
    for (let times = 0; times < 3; times++) {
      const began = platformEnv.now()
      this.#read(data, decoder, undefined)
      if (platformEnv.now() - began < STALL) return false
    }
    return true
  }

  #write(dice: Dice, isTrue: boolean): { data: unknown; count: number } {
    const writer = new ValueWriter(dice, isTrue ? 0 : dice.random() * 0.2)
    const sink = dice.one(this.#sinks)
    // A frame with values of the platform is posted alone.
    let count = 0
    for (let left = 1 + dice.below(3); left > 0 && !sink.urgent; left--, count++) {
      writer.begin(sink)
      writer.list(dice.below(4))
    }
    return { data: sink.take().data, count }
  }

  /** `count` is the number of frames that must be there, if the payload is right. */
  #read(data: unknown, decoder: Decoder, count: number | undefined): string | undefined {
    let frames = 0
    try {
      const source = this.#codec.source(data, this.#limit)
      for (; source.more(); frames++) {
        decoder.begin(source)
        decoder.list()
        if (decoder.fault && !isCoded(decoder.fault)) return `the fault is no ActorError: ${String(decoder.fault)}`
      }
      this.tally.read++
    } catch (error) {
      this.tally.refused++
      if (!isCoded(error)) return `it threw ${error instanceof Error ? (error.stack ?? error.name) : String(error)}`
      if (count !== undefined) return `a payload that is right was refused: ${(error as Error).message}`
    }
    if (count !== undefined && frames !== count) return `${frames} of ${count} frames were read`
    return undefined
  }
}
