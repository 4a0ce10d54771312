import { expose } from 'threads/worker'
import { spin } from './spin.mjs'

expose(spin)
