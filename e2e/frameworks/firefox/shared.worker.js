import { host } from 'troupe/shared-worker'
import { probes } from 'troupe/testing'

export const actors = host(probes)

// Ends without a word when told so over the channel of its name.
new BroadcastChannel(self.name).addEventListener('message', () => close())
