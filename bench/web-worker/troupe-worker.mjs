import { host } from 'troupe/web-worker'
import { Adder } from '../adder.mjs'

host({ Adder })
