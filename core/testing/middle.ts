import { TRUSTED } from '../ground/limits.js'
import { Op } from '../link/session/op.js'
import type { Transport } from '../transport/transport.js'
import { Decoder } from '../wire/decode.js'
import { Encoder } from '../wire/encode.js'

/** A payload that passed, and the hello in it, if there was one. */
export interface Passed {
  readonly toServer: boolean
  readonly data: unknown
  readonly hello: Record<string, unknown> | undefined
}

/** What an attacker makes of a hello. */
export type Change = (hello: Record<string, unknown>, toServer: boolean) => Record<string, unknown>

/** Sits between the two ends of a link, as an attacker in the network does: reads all, and changes hellos. */
export class Middle {
  readonly passed: Passed[] = []

  constructor(client: Transport, server: Transport, change: Change = (hello) => hello) {
    const pass = (from: Transport, to: Transport, toServer: boolean): void => {
      from.receive((data) => {
        const hello = readHello(from, data)
        this.passed.push({ toServer, data, hello })
        if (hello) sendHello(to, change(hello, toServer))
        else to.send(data, [])
      })
      void from.closed.then(() => to.close())
    }
    pass(client, server, true)
    pass(server, client, false)
  }

  /** The hellos that came from one side. */
  hellos(toServer: boolean): Record<string, unknown>[] {
    return this.passed.flatMap(({ hello, ...passed }) => (hello && passed.toServer === toServer ? [hello] : []))
  }
}

/** The hello in a payload, if it is one. */
export function readHello({ codec }: Transport, data: unknown): Record<string, unknown> | undefined {
  if (typeof data === 'string') return undefined
  const decoder = new Decoder({ import: () => undefined }, TRUSTED)
  decoder.begin(codec.source(data, Infinity))
  return decoder.number() === Op.Hello ? (decoder.value() as Record<string, unknown>) : undefined
}

function sendHello(to: Transport, hello: Record<string, unknown>): void {
  const sink = to.codec.sink()
  const encoder = new Encoder({ export: () => false }, TRUSTED, false)
  encoder.begin(sink)
  encoder.value(Op.Hello)
  encoder.value(hello)
  const { data, transfer } = sink.take()
  to.send(data, transfer)
}
