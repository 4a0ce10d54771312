import { host } from 'troupe/web-worker'
import { Counter } from './counter.js'

export const actors = host({ Counter })
