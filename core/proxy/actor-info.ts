/** The result of `info(proxy)`. */
export interface ActorInfo {
  readonly name: string | undefined
  readonly id: string
  /** The key in `actors`, or the class's name. */
  readonly kind: string
  /** One of the states in `State`. */
  readonly state: string
  /** 1, and one more for each restart. */
  readonly incarnation: number
  /** Milliseconds since it was spawned. */
  readonly uptime: number
  /** Messages that wait in the mailbox. */
  readonly mailbox: number
  /** Messages that were handled. */
  readonly handled: number
  readonly restarts: number
  /** Methods that can be called. */
  readonly methods: readonly string[]
  /** The id of its dispatcher. */
  readonly realm: string
  /** Milliseconds that a task of its realm waited for its turn: how busy the realm is. */
  readonly delay: number
  /** Bytes of heap that the realm uses, if the platform tells. */
  readonly memory: number | undefined
  /** The result of its hook `onInfo`. */
  readonly extra: unknown
}
