import { host } from 'troupe/web-worker'
import { Idler } from './idler.js'

export const actors = host({ Idler })
