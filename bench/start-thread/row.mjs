export const path = 'start of a thread'
export const about = 'from asking for a worker thread to its first reply'
export const contenders = ['raw', 'comlink', 'troupe']
export const measures = 'starts'
