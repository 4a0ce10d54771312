import { host } from 'troupe/shared-worker'
import { Adder } from '../adder.mjs'

host({ Adder })
