import { plan } from '../loads.mjs'

export const path = 'worker_threads'
export const about = 'the actor runs in a worker thread'
export const loads = plan(['raw', 'raw+promise', 'comlink', 'troupe'], ['raw', 'troupe'])
