import { host } from 'troupe/web-worker'
import { Nomad, Sender } from './nomad.js'

export const actors = host({ Nomad, Sender })
