import type { Dispatcher } from '../../dispatcher.js'
import type { Peer } from '../../peers/peer.js'
import type { Proxy } from '../../proxy/proxy-types.js'
import type { Probe, probes } from '../probe.js'
import type { Subject } from '../subject.js'

/** A dispatcher linked with a far side, and an actor there. */
export interface Bench {
  readonly near: Dispatcher
  readonly subject: Subject
  readonly peer: Peer<typeof probes>
  readonly probe: Proxy<Probe>
}

export type Case = readonly [name: string, body: (bench: Bench) => Promise<void>]
