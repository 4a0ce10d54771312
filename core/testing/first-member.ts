import type { Bus } from '../peers/bus.js'
import { Roster } from '../bus/roster.js'
import { Deferred } from '../ground/deferred.js'
import { platformEnv } from '../ground/env.js'
import type { Connector, Transport } from '../transport/transport.js'

/** The way to the first other member of a bus that turns up, so that a bus can be put through `testTransport`. */
export const firstMember = (bus: Bus): Connector => ({
  open: async (frame) => {
    const self = platformEnv.id()
    const medium = await bus.open(self, frame)
    const met = new Deferred<Transport>()
    const roster = new Roster(self, medium, (_, transport) => {
      void transport.closed.then(() => roster.leave())
      met.resolve(transport)
    })
    return met.promise
  },
})
