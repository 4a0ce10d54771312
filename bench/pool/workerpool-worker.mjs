import workerpool from 'workerpool'
import { spin } from './spin.mjs'

workerpool.worker({ spin })
