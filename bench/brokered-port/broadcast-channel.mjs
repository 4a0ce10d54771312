export { open } from '../broadcast-channel/troupe.mjs'
