import { plan } from '../loads.mjs'

export const path = 'broadcast-channel'
export const about = 'the actor runs in another tab, over a BroadcastChannel, in Chromium'
export const inChromium = true
export const others = { raw: 'raw-tab', 'raw+promise': 'raw-tab', troupe: 'troupe-tab' }
export const loads = plan(['raw', 'raw+promise', 'troupe'], ['raw', 'troupe'])
