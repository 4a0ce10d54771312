export { open } from '../broadcast-channel/raw-tab.mjs'
