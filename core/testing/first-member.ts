import type { Bus } from '../peers/bus.js'
import { Roster } from '../bus/roster.js'
import { Deferred } from '../ground/deferred.js'
import { platformEnv } from '../ground/env.js'
import type { Connector, Transport } from '../transport/transport.js'

/** Makes a connector to the first other member of a bus, so that `testTransport` can test a bus. */
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
