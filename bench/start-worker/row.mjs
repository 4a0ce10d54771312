export const path = 'start of a web worker'
export const about =
  'from asking for a Web Worker to its first reply, in Chromium; worker files are built for production'
export const inChromium = true
export const contenders = ['raw', 'comlink', 'troupe']
export const measures = 'starts'
