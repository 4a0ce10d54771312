import type { Connector } from '../transport/transport.js'

/** A fresh far side, which hosts `probes`. */
export interface Subject {
  /** Links with it. */
  readonly connector: Connector
  /** Ends the far realm as a crash would: it sends nothing more. */
  crash(): void | Promise<void>
  /** Frees what `open` made. Called after each test. */
  dispose?(): void | Promise<void>
}
