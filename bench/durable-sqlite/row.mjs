export const path = 'durable, SQLite'
export const about =
  'a call changes the stored state of an actor; raw writes a record of that size with the driver, as many in one transaction as there are calls in flight'
export const loads = [1, 100, 1000].map((load) => ({ load, contenders: ['raw', 'troupe'] }))
