import { expose } from 'comlink'

class Adder {
  add(a, b) {
    return a + b
  }
}

expose(new Adder())
