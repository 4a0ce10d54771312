import { host } from 'troupe/shared-worker'
import { Board } from './board.js'
import { HEARTBEAT } from './heartbeat.js'
import { Idler } from './idler.js'
import { Lookout } from './lookout.js'

export const actors = host(
  { Idler, board: new Board(), lookout: new Lookout() },
  { limits: { trusted: { heartbeat: HEARTBEAT } } },
)
