import { IN_FLIGHT } from '../bounce.mjs'

export const path = '1 MiB to a thread'
export const about = 'a buffer of 1 MiB is moved to a worker thread and back'
export const loads = IN_FLIGHT.map((load) => ({ load, contenders: ['raw', 'troupe'] }))
