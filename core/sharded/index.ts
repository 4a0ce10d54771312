// The room sharded: actors that are spread over the realms of a cluster by their keys.
export { sharded, type Sharded, type ShardedOptions } from './sharded.js'
