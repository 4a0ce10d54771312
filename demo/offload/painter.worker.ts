import { host } from 'troupe/web-worker'
import { Painter } from './painter.js'

export const actors = host({ Painter })
