import { host } from 'troupe/shared-worker'
import { Counter } from './counter.js'

export const actors = host({ Counter })
