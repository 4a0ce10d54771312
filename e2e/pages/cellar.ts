import { isMainThread, threadId } from 'node:worker_threads'
import { Actor } from 'troupe'

/** Lives in a thread of the server. */
export class Cellar extends Actor {
  /** 0 in the main thread. */
  thread(): number {
    return isMainThread ? 0 : threadId
  }
}
