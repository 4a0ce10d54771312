import { isInstalled } from '../installed.mjs'

const PEERS = ['piscina', 'tinypool', 'workerpool', 'threads'].filter(isInstalled)
const contenders = ['troupe', ...PEERS]

export const path = 'pool of threads'
export const about =
  'two threads that compute for so long for each task; peers are measured where `npm i --no-save piscina tinypool workerpool threads` was run'
export const loads = ['0', '0.1', '10'].flatMap((ms) =>
  [1, 1000].map((inFlight) => ({ load: `${inFlight}, ${ms} ms`, contenders })),
)
