import { Dispatcher } from 'troupe'
import { broadcastChannel } from 'troupe/broadcast-channel'
import { probes } from 'troupe/testing'

// Joins the bus of its name, and says so.
await new Dispatcher({ log: () => {} }).join(broadcastChannel(self.name), { actors: probes })
postMessage('joined')
