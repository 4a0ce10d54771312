import { host } from 'troupe/web-worker'
import { Purse } from './money.js'

export const actors = host({ Purse })
