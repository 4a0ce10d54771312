import { byPromises } from '../by-hand.mjs'
import { connectWith } from './raw-link.mjs'

export const open = () => byPromises(connectWith({ serialization: 'json' }))
