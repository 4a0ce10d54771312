import { Actor } from 'troupe'
import { probes } from 'troupe/testing'
import { host } from 'troupe/web-worker'

/** Ends its worker without a word. */
class Closer extends Actor {
  closeRealm() {
    close()
  }
}

export const actors = host({ ...probes, Closer })
