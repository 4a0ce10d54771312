import { Actor, type DispatcherInfo } from 'troupe'
import { webSocket } from 'troupe/websocket'

/** Sees from inside who comes to the realm in which it lives, and who goes. */
export class Lookout extends Actor {
  /** Tells of every peer that is noticed to be gone, and when. */
  watch(lost: (peer: string, at: number) => void): void {
    this.context.dispatcher.on('peer-down', (peer) => lost(peer, Date.now()))
  }

  look(): DispatcherInfo {
    return this.context.dispatcher.info()
  }

  /** Links the realm with a server. */
  async dial(url: string): Promise<void> {
    await this.context.dispatcher.connect(webSocket(url))
  }
}
