import { Actor } from 'troupe'
import { host } from 'troupe/worker-threads'
import { spin } from './spin.mjs'

class Spinner extends Actor {
  spin(ms) {
    return spin(ms)
  }
}

host({ Spinner })
