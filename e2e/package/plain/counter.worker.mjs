import { host } from 'troupe/worker-threads'
import { Counter } from './counter.mjs'

host({ Counter })
