import type { Cell } from '../actor/cell.js'

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

/** Answered while it is busy or suspended, too. */
export async function infoOf(cell: Cell): Promise<ActorInfo> {
  const { home, life } = cell
  const { delay, memory } = await home.vitals()
  return {
    name: cell.name,
    id: cell.id,
    kind: cell.kind,
    state: cell.state,
    incarnation: life.incarnation,
    uptime: home.env.now() - cell.since,
    mailbox: cell.waiting,
    handled: cell.handled,
    restarts: life.restarts.total,
    methods: [...cell.plan.methods.keys()],
    realm: home.id,
    delay,
    memory,
    extra: await cell.aside('onInfo'),
  }
}
