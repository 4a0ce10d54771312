import type { Connector } from '../transport/transport.js'

/** One freshly started far side, which hosts `probes`, and the way to it. */
export interface Subject {
  readonly connector: Connector
  /** Ends the far realm without a word, as a crash would. */
  crash(): void | Promise<void>
  /** Frees what `open` made; called after each test. */
  dispose?(): void | Promise<void>
}
