import { plan } from '../loads.mjs'

export const path = 'nats'
export const about =
  'the actor runs in another process, over a server of NATS on loopback; by hand a publish for each JSON'
export const loads = plan(['raw', 'nats.request', 'troupe'], ['raw', 'troupe'])
