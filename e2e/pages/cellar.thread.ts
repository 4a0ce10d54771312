import { host } from 'troupe/worker-threads'
import { Cellar } from './cellar.js'

export const actors = host({ cellar: new Cellar() })
