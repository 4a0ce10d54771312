/** What is known of a bus that a server carries. */
export interface BusInfo {
  /** What carries it, such as `redis`, and its prefix. */
  readonly name: string
  /** `open`, or `away` while the server cannot be reached. */
  readonly state: 'open' | 'away'
  /** Packets that were dropped because no member sent them in this form: forged, changed, sent again, or not readable. */
  readonly refused: number
  /** Packets that were sent to a member again, because they may not have arrived. */
  readonly resent: number
}
