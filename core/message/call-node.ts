import type { Chain } from './chain.js'
import type { Message } from './message.js'

/** How a message hangs together with others; most never do. */
export class CallNode {
  /** The message whose handler waits for this one. */
  parent: Message | undefined = undefined
  /** Handlers in other realms that wait for this one. */
  chain: Chain | undefined = undefined
  /** Tells it from all messages that its actor ever handles; 0 until somebody asks. */
  serial = 0
  /** Whether its actor's class limits its time, of which the caller does not know. */
  isLimited = false
  /** The message that does its work, where another one does. */
  inner: Message | undefined = undefined
  /** Takes back what its handler handed over, once, where its caller gave up before it had that. */
  takeBack: (() => void) | undefined = undefined
  /** The calls that its handler made and that are not settled: the last one, and how they are linked. */
  calls: Message | undefined = undefined
  before: Message | undefined = undefined
  after: Message | undefined = undefined
}
