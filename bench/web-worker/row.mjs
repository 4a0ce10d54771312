import { plan } from '../loads.mjs'

export const path = 'web-worker'
export const about = 'the actor runs in a Web Worker, in Chromium'
export const inChromium = true
export const loads = plan(['raw', 'raw+promise', 'comlink', 'troupe'], ['raw', 'troupe'])
