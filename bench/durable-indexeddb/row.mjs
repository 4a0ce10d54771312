export const path = 'durable, IndexedDB'
export const about =
  'the same in Chromium, with strict durability; raw puts as many records in one transaction as there are calls in flight'
export const inChromium = true
export const loads = [1, 100, 1000].map((load) => ({ load, contenders: ['raw', 'troupe'] }))
