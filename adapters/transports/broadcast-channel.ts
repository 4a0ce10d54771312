import { ActorError, adaptive, type Bus, bus, Channel, type Medium } from '../../core/adapter.js'
import { given } from '../base/given.js'
import { heldLocks, holdLock, lockName, watchLock } from '../base/web-locks.js'
import { endWhenPutAway, shownAgain } from '../base/page.js'
import type { PortLike } from '../base/port.js'

declare const BroadcastChannel: new (name: string) => PortLike & { onmessage: unknown }

/**
 * A bus for all tabs and workers of this origin that join under the same name; in Node.js, for all threads of this
 * process. Its members trust each other, and every one receives all messages.
 *
 * Takes the name. Returns what `join` takes.
 */
export function broadcastChannel(name: string): Bus {
  let shown: Promise<void> | undefined
  return bus(
    async (member) => {
      if (typeof name !== 'string')
        throw new ActorError('malformed', `broadcastChannel takes a name, such as 'my-app', not ${given(name)}`)
      await shown
      const medium = new BroadcastMedium(new BroadcastChannel(name))
      await medium.live(`bus:${name}:`, member)
      endWhenPutAway(medium, () => void (shown = shownAgain()))
      return medium
    },
    { returns: true },
  )
}

class BroadcastMedium extends Channel implements Medium {
  readonly traits = {
    payload: 'clone',
    transfer: false,
    ordered: true,
    topology: 'bus',
    trusted: true,
    heartbeat: true,
  } as const
  readonly codec = adaptive
  members?: Medium['members']
  watch?: Medium['watch']
  readonly #channel: PortLike
  readonly #ended: Promise<void>
  #release!: () => void

  constructor(channel: PortLike & { onmessage: unknown }) {
    super()
    this.#channel = channel
    this.#ended = new Promise((resolve) => (this.#release = resolve))
    // Node's has this way only.
    channel.onmessage = ({ data }: { data: unknown }) => this.take(data)
    channel.unref?.()
  }

  /** Each member holds a lock for as long as it is there, where there are locks: they tell who is, and who dies. */
  async live(prefix: string, member: string): Promise<void> {
    if (!(await holdLock(lockName(prefix + member), this.#ended))) return
    this.members = async () => {
      const held = await heldLocks()
      return held.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
    }
    this.watch = (other, died) => watchLock(lockName(prefix + other), died)
  }

  hold(active: boolean): void {
    if (active) this.#channel.ref?.()
    else this.#channel.unref?.()
  }

  protected post(data: unknown): void {
    this.#channel.postMessage(data)
  }

  protected end(): void {
    this.#release()
    this.#channel.close?.()
  }
}
