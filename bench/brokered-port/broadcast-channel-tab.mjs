export { open } from '../broadcast-channel/troupe-tab.mjs'
