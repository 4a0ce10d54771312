import { Actor } from 'troupe'
import { host } from 'troupe/worker-threads'

class Adder extends Actor {
  add(a, b) {
    return a + b
  }
}

host({ Adder })
