import { host } from 'troupe/web-worker'
import { Bouncer } from '../bouncer.mjs'

host({ Bouncer })
