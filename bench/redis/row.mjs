import { plan } from '../loads.mjs'

export const path = 'redis'
export const about =
  'the actor runs in another process, over ioredis and a server on loopback; by hand a publish for each JSON'
export const loads = plan(['raw', 'raw+promise', 'troupe', 'troupe-signed'], ['raw', 'troupe'])
