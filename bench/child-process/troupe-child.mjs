import { host } from 'troupe/child-process'
import { Adder } from '../adder.mjs'

host({ Adder })
