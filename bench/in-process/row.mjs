import { plan } from '../loads.mjs'
import { isInstalled } from '../installed.mjs'

const peers = isInstalled('nact') ? ['nact', 'troupe'] : ['troupe']

export const path = 'in process'
export const about = 'the actor runs in the same realm; raw is an `async` function that calls the method'
export const loads = plan(['raw', ...peers], peers, [1, 1000])
