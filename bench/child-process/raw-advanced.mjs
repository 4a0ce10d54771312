import { byCallbacks } from '../by-hand.mjs'
import { connectWith } from './raw-link.mjs'

export const open = () => byCallbacks(connectWith({ serialization: 'advanced' }))
