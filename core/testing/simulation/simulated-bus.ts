import type { Medium, Packet } from '../../bus/medium.js'
import type { Bus } from '../../peers/bus.js'
import { bus } from '../../serving/joining.js'
import { Channel } from '../../transport/channel.js'
import { adaptive } from '../../wire/adaptive.js'
import type { Oracle } from './oracle.js'
import { Lane, type Place, type Scheduler } from './scheduler.js'
import type { Trouble } from './trouble.js'

declare const structuredClone: <T>(value: T) => T

/** Milliseconds for which packets from one member to another are slow. */
const SLOW = 300

/** A bus that all dispatchers of a simulation may join. Each gets the packets of another in order, unless there is trouble. */
export class SimulatedBus {
  readonly #scheduler: Scheduler
  readonly #oracle: Oracle
  readonly #seats = new Set<Seat>()
  #lanes: Lane[] = []

  constructor(scheduler: Scheduler, oracle: Oracle) {
    this.#scheduler = scheduler
    this.#oracle = oracle
  }

  /** `join` takes it. */
  bus(place: Place): Bus {
    return bus((member) => {
      const seat = new Seat(this, place, member)
      this.#seats.add(seat)
      return seat
    })
  }

  send(from: Seat, packet: Packet): void {
    for (const seat of this.#seats) {
      if (seat === from) continue
      const copy = structuredClone(packet)
      const arrive = (): void => seat.take(copy)
      this.#scheduler.push(this.#lane(from, seat), `${packet.kind} of ${from.place.name}`, arrive)
    }
  }

  seatOf(member: string): Seat | undefined {
    for (const seat of this.#seats) if (seat.member === member) return seat
    return undefined
  }

  /** It is gone, and those who watch it are told in time. */
  leave(seat: Seat): void {
    this.#seats.delete(seat)
    for (const [watcher, died] of seat.watchers)
      this.#scheduler.push(this.#lane(seat, watcher), `${seat.place.name} is gone`, died)
  }

  /** Whether there is something that this could happen to. */
  cause(trouble: Trouble): boolean {
    const least = trouble === 'reorder' ? 2 : 1
    const lanes = this.#lanes.filter(({ tasks }) => tasks.length >= least)
    if (lanes.length === 0) return false
    const lane = lanes[this.#oracle.choose(lanes.length, 'way of a bus')]!
    const { tasks } = lane
    const [first] = tasks
    if (trouble === 'drop') tasks.shift()
    else if (trouble === 'double') tasks.unshift(first!)
    else if (trouble === 'reorder') tasks.splice(0, 2, tasks[1]!, first!)
    else if (trouble === 'delay') lane.until = this.#scheduler.now + SLOW
    else return false
    return true
  }

  /** A dispatcher is no more. */
  lost(place: Place): void {
    for (const seat of this.#seats) if (seat.place === place) this.leave(seat)
  }

  #lane(from: Seat, to: Seat): Lane {
    let lane = from.lanes.get(to)
    if (!lane) {
      from.lanes.set(to, (lane = new Lane('bus', to.place)))
      this.#lanes.push(lane)
    }
    return lane
  }
}

/** A member of the bus, which is told when another one is gone. */
class Seat extends Channel implements Medium {
  readonly traits = {
    payload: 'clone',
    transfer: false,
    ordered: true,
    topology: 'bus',
    trusted: true,
    heartbeat: true,
  } as const
  readonly codec = adaptive
  readonly lanes = new Map<Seat, Lane>()
  readonly watchers = new Map<Seat, () => void>()
  readonly #bus: SimulatedBus

  constructor(
    on: SimulatedBus,
    readonly place: Place,
    readonly member: string,
  ) {
    super()
    this.#bus = on
  }

  watch(member: string, died: () => void): () => void {
    const seat = this.#bus.seatOf(member)
    seat?.watchers.set(this, died)
    return () => void seat?.watchers.delete(this)
  }

  override take(data: unknown): void {
    super.take(data)
  }

  protected post(data: unknown): void {
    this.#bus.send(this, data as Packet)
  }

  protected end(): void {
    this.#bus.leave(this)
  }
}
