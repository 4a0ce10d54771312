import { ActorError, ask, Dispatcher, type Peer, tell } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { address } from './address.js'
import type { News, Receipt, Said } from './message.js'
import type { Room } from './room.js'

/** Milliseconds between two attempts at what failed. */
const PAUSE = 250

export const dispatcher = new Dispatcher()
export const server = await connect()
const room = (await server.lookup<Room>('room'))!

/** The news of the room, without end. After a restart of the server they go on from the last message that was read. */
export async function* follow(name: () => string): AsyncGenerator<News> {
  let id = ''
  let seen = 0
  while (server.state !== 'closed') {
    try {
      for await (const news of ask(room, { timeout: Infinity }).follow(name(), id, seen)) {
        id = news.room
        seen = news.messages.at(-1)?.number ?? seen
        yield news
      }
    } catch (error) {
      if (!(error instanceof ActorError)) throw error
    }
    await ready()
  }
}

/**
 * Says it until the room has it. If an attempt fails, `failed` is told whether the room may have it. That does not matter:
 * it is said again under the same id, and the room drops what it has.
 */
export async function deliver(said: Said, failed: (mayHaveIt: boolean) => void): Promise<Receipt> {
  for (;;) {
    try {
      return await room.say(said)
    } catch (error) {
      if (!(error instanceof ActorError) || server.state === 'closed') throw error
      failed(error.ran === 'maybe')
    }
    await ready()
  }
}

export function rename(name: string): void {
  tell(room).rename(name)
}

async function connect(): Promise<Peer> {
  for (;;) {
    try {
      return await dispatcher.connect(webSocket(address(`chat?tab=${dispatcher.id}`)))
    } catch {
      await pause(PAUSE)
    }
  }
}

/** After a pause, when the server can be reached. */
async function ready(): Promise<void> {
  await pause(PAUSE)
  if (server.state !== 'reconnecting') return
  await new Promise<void>((resolve) => {
    const off = server.on('state', (state) => {
      if (state === 'reconnecting') return
      off()
      resolve()
    })
  })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
