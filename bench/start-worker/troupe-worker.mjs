import { Actor } from 'troupe'
import { host } from 'troupe/web-worker'

class Adder extends Actor {
  add(a, b) {
    return a + b
  }
}

host({ Adder })
