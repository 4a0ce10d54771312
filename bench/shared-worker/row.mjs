import { plan } from '../loads.mjs'

export const path = 'shared-worker'
export const about = 'the actor runs in a SharedWorker, in Chromium'
export const inChromium = true
export const loads = plan(['raw', 'raw+promise', 'comlink', 'troupe'], ['raw', 'troupe'])
