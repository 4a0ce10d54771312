import { byCallbacks } from '../by-hand.mjs'
import { connect } from './raw-link.mjs'

export const open = () => byCallbacks(connect)
