import { transfer } from 'troupe'

/** Sends back what it is given. */
export class Bouncer {
  bounce(buffer) {
    return transfer(buffer, [buffer])
  }
}
