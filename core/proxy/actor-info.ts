/** What is told of an actor, by `info(proxy)`. */
export interface ActorInfo {
  readonly name: string | undefined
  readonly id: string
  readonly kind: string
  readonly state: string
  /** 1, and one more for each restart. */
  readonly incarnation: number
  /** Milliseconds since it was spawned. */
  readonly uptime: number
  /** Messages that wait. */
  readonly mailbox: number
  readonly handled: number
  readonly restarts: number
  readonly methods: readonly string[]
  /** The id of its dispatcher. */
  readonly realm: string
  /** Milliseconds that a task of this realm waited for its turn. */
  readonly delay: number
  /** Bytes of heap that the realm uses, where the platform tells. */
  readonly memory: number | undefined
  /** What its `onInfo` returned. */
  readonly extra: unknown
}
