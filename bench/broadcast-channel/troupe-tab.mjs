import { Dispatcher } from 'troupe'
import { broadcastChannel } from 'troupe/broadcast-channel'
import { Adder } from '../adder.mjs'

export const open = () => new Dispatcher().join(broadcastChannel('adder'), { actors: { Adder } })
