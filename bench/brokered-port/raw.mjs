export { open } from '../broadcast-channel/raw.mjs'
