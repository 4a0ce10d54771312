import { host } from 'troupe/web-worker'
import { Caller } from './caller.js'

export const actors = host({ Caller })
