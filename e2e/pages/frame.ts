import { type ActorError, Dispatcher } from 'troupe'
import { host, messagePort } from 'troupe/message-port'
import { Probe, probes } from 'troupe/testing'
import { heard } from './recorder.js'

const dispatcher = new Dispatcher({ limits: { trusted: { handshake: 2_000 } } })
/** What `authorize` was told. */
const claims: unknown[] = []

/** The origin of the page around this frame, as far as the frame knows. */
const origin = new URLSearchParams(location.search).get('origin')!
const authorize = (claim: unknown) => claims.push(claim) > 0 && { names: ['named'] }
host(probes, { dispatcher, port: parent, origin, authorize })

/** What tests do in the frame, on `window.inside`. */
const inside = {
  heard,
  claims,
  peers: () => dispatcher.peers.length,
  /** Calls an actor that the page hosts, and has it call back. */
  async callPage(): Promise<unknown[]> {
    const page = await dispatcher.connect<typeof probes>(messagePort(parent, { origin }))
    const probe = await page.spawn('Probe')
    const here = await dispatcher.spawn(Probe)
    const answers = [await probe.add(1, 2), await probe.relay(here, 3, 4), await probe.invoke((n) => n * 2, 5)]
    await page.close()
    return answers
  },
  async connect(): Promise<string> {
    return dispatcher.connect(messagePort(parent, { origin })).then(
      () => 'connected',
      ({ code }: ActorError) => code,
    )
  },
}

declare global {
  interface Window {
    inside: typeof inside
  }
}
window.inside = inside
