import { host } from 'troupe/worker-threads'
import { Adder } from '../adder.mjs'

host({ Adder })
