import type { World } from './world.js'

/** Says what is wrong in a simulated run. Each of its functions returns a sentence, or undefined if all is well. */
export interface Judge {
  /** Asked after everything that happens. */
  step?(world: World): string | undefined
  /** Asked once nothing goes wrong any more, and all had time to come to an end. */
  end?(world: World): string | undefined
  /** Asked once all dispatchers are closed. */
  closed?(world: World): string | undefined
}

/**
 * What must hold at each moment: no message runs twice, none before an earlier one of its line, none of which an error
 * said that it did not run; each call is settled once; no link ends because one side broke the protocol.
 */
export const safety: Judge = {
  step: ({ history }) => history.fault,
}

/** What must come about once nothing goes wrong any more: each call is settled, and nothing is left in the tables. */
export const liveness: Judge = {
  end({ history, dispatchers }) {
    if (history.open.length > 0) return `${history.open.join(', ')}: never settled`
    for (const dispatcher of dispatchers) {
      const { id, peers, deadlines } = dispatcher.info()
      for (const peer of peers) if (peer.pending > 0) return `${id} waits for ${peer.pending} replies of ${peer.id}`
      if (deadlines > 0) return `${id} has ${deadlines} deadlines of calls that are settled`
    }
    return undefined
  },
  closed(world) {
    for (const dispatcher of world.dispatchers) {
      const { id, peers, actors, deadlines } = dispatcher.info()
      if (peers.length + actors.length + deadlines > 0)
        return `${id} was closed, and has ${peers.length} links, ${actors.length} actors, ${deadlines} deadlines`
    }
    return world.timers > 0 ? `${world.timers} timers are left after close` : undefined
  },
}
