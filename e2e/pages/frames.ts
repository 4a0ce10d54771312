import { type ActorError, Dispatcher, type Peer } from 'troupe'
import { host, messagePort } from 'troupe/message-port'
import { Probe, probes, testTransport } from 'troupe/testing'
import { heard } from './recorder.js'

/** How the conformance suite went. */
export interface Conformance {
  readonly passed: number
  readonly failed: readonly string[]
}

const dispatcher = new Dispatcher({ limits: { trusted: { handshake: 2_000 } } })
let peer: Peer<typeof probes> | undefined

function append(src: string): HTMLIFrameElement {
  const frame = document.createElement('iframe')
  frame.src = src
  document.body.append(frame)
  return frame
}

const nth = (index: number): Window => document.querySelectorAll('iframe')[index]!.contentWindow!

/** What tests do in the page around the frames, on `window.outside`. */
const outside = {
  heard,
  peers: () => dispatcher.peers.length,

  async show(src: string): Promise<void> {
    const frame = append(src)
    await new Promise((resolve) => frame.addEventListener('load', resolve))
  },

  /** Hosts for a frame. */
  host(index: number, origin: string): void {
    host(probes, { dispatcher, port: nth(index), origin })
  },

  async connect(index: number, origin: string): Promise<string> {
    try {
      peer = await dispatcher.connect<typeof probes>(messagePort(nth(index), { origin }))
      return 'connected'
    } catch (error) {
      return (error as ActorError).code
    }
  },

  /** Calls an actor of the frame that was connected with last, and has it call back. */
  async callFrame(): Promise<unknown[]> {
    const probe = await peer!.spawn('Probe')
    const here = await dispatcher.spawn(Probe)
    return [await probe.add(1, 2), await probe.relay(here, 3, 4), await probe.invoke((n) => n * 2, 5)]
  },

  /** The suite that all transports pass, over frames of another origin. */
  async conform(src: string, origin: string): Promise<Conformance> {
    const tests: [name: string, body: () => Promise<void>][] = []
    const test = (name: string, body: () => Promise<void>): void => void tests.push([name, body])
    testTransport({
      name: 'window',
      limits: { heartbeat: 1_000 },
      runner: { describe: (_, body) => body(), test: Object.assign(test, { skip: test }) },
      open: () => {
        const frame = append(src)
        const end = (): void => frame.remove()
        return { connector: messagePort(frame.contentWindow!, { origin }), crash: end, dispose: end }
      },
    })
    const failed: string[] = []
    for (const [name, body] of tests) {
      await body().catch((error: unknown) => failed.push(`${name}: ${String(error)}`))
    }
    return { passed: tests.length - failed.length, failed }
  },
}

declare global {
  interface Window {
    outside: typeof outside
  }
}
window.outside = outside
