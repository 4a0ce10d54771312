export { type CallingAll, type Group, group, type GroupOptions } from './group.js'
export type { Replies, Reply } from './replies.js'
export { type Candidate, hash, leastBusy, random, type RoutedCall, roundRobin, type Router } from '../routing/router.js'
