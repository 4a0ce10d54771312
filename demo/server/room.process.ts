import { Actor, type Listened, type Proxy } from 'troupe'
import { host } from 'troupe/child-process'
import { webSocketServer } from 'troupe/websocket-server'
import type { History } from './history.js'
import { Room } from './room.js'

/** What the process that started this one asks of it. */
class RoomServer extends Actor {
  #listened: Promise<Listened> | undefined

  /** Opens the room. Resolves to the port at which it can be reached. */
  async open(history: Proxy<History>, origins: readonly string[]): Promise<number> {
    this.#listened ??= this.#listen(history, origins)
    return (await this.#listened).port!
  }

  async #listen(history: Proxy<History>, origins: readonly string[]): Promise<Listened> {
    const room = new Room(history, () => listened.peers)
    const listened = await this.context.dispatcher.listen(webSocketServer({ origins }), {
      actors: { room },
      names: ['room'],
    })
    return listened
  }
}

export const actors = host({ RoomServer })
