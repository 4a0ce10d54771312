import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { Dispatcher } from 'troupe'
import { childProcess } from 'troupe/child-process'
import { History } from './history.js'
import type { actors } from './room.process.js'

/** Milliseconds for which a kill waits for a message. */
const PATIENCE = 500

/** The room in a process of its own, which is started again when it ends. */
export class ForkedRoom {
  /** Where the room can be reached; undefined while it can't. */
  port: number | undefined
  #child: ChildProcess | undefined
  #isDoomed = false
  /** Milliseconds for which the next process waits until it opens the room. */
  #closed = 0

  /** Starts it. Resolves when the room is open. `origins` are those of pages that may connect. */
  async start(dispatcher: Dispatcher, origins: readonly string[]): Promise<void> {
    const history = await dispatcher.spawn(History, { args: [() => this.#isDoomed && this.#kill()] })
    const file = new URL('./room.process.js', import.meta.url)
    const peer = await dispatcher.connect<typeof actors>(
      childProcess(() => (this.#child = fork(file))),
      { restart: { max: Infinity, longest: 1_000 } },
    )
    const server = await peer.spawn('RoomServer')
    const open = async (): Promise<void> => {
      await pause(this.#closed)
      const port = await server.open(history, origins)
      if (peer.state === 'open') this.port = port
    }
    peer.on('state', (state) => {
      this.port = undefined
      if (state === 'open') open().catch(() => {}) // It ended again.
    })
    await open()
  }

  /**
   * Ends it by SIGKILL at the worst moment: a message was kept, and the page that sent it was not yet told. If no message
   * comes in time it ends anyway. The next one opens the room after so many milliseconds.
   */
  restart(ms: number): void {
    if (this.port === undefined) return
    this.#closed = ms
    this.#isDoomed = true
    setTimeout(() => this.#isDoomed && this.#kill(), PATIENCE)
  }

  #kill(): void {
    this.#isDoomed = false
    this.port = undefined
    this.#child?.kill('SIGKILL')
  }
}
