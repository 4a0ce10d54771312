declare const structuredClone: <T>(value: T, options: { transfer: object[] }) => T

/** A frame that was taken out of a sink, to be appended later. */
export interface Cut {
  /** What was written. */
  readonly values: readonly unknown[]
  readonly transfer: object[]
  /** Whether the platform clones some of it. */
  readonly urgent: boolean
}

/** What the platform clones is copied or moved now; what was moved can move once more. Throws what the clone throws. */
export const keep = (cut: Cut): Cut => (cut.urgent ? structuredClone(cut, cut) : cut)
