export { memoryStore } from './memory-store.js'
export type { Store, StoreChange, StoreCommit, StoreRecord } from './store.js'
