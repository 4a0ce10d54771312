import { IN_FLIGHT } from '../bounce.mjs'

export const path = '1 MiB to a web worker'
export const about = 'a buffer of 1 MiB is moved to a web worker and back, in Chromium'
export const inChromium = true
export const loads = IN_FLIGHT.map((load) => ({ load, contenders: ['raw', 'troupe'] }))
