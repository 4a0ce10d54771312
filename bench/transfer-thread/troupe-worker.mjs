import { host } from 'troupe/worker-threads'
import { Bouncer } from '../bouncer.mjs'

host({ Bouncer })
