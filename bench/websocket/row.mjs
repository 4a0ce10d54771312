import { plan } from '../loads.mjs'

export const path = 'websocket'
export const about = 'the actor runs in another process, over `ws` on loopback; messages by hand are JSON'
export const loads = plan(['raw', 'raw+promise', 'troupe'], ['raw', 'troupe'])
