import { host } from 'troupe/web-worker'
import { Tally } from './tally.js'

export const actors = host({ Tally })
