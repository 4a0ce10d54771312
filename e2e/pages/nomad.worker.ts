import { Actor } from 'troupe'
import { host } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import { Nomad, Sender } from './nomad.js'

/** Links the worker with a server, without the page between. */
class Dialler extends Actor {
  async dial(url: string): Promise<void> {
    await this.context.dispatcher.connect(webSocket(url), { actors: { Nomad, Sender } })
  }
}

export const actors = host({ Dialler, Nomad, Sender })
