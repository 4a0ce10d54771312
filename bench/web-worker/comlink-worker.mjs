import { expose } from 'comlink'
import { Adder } from '../adder.mjs'

expose(new Adder())
