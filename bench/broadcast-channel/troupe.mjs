import { Dispatcher } from 'troupe'
import { broadcastChannel } from 'troupe/broadcast-channel'
import { driven } from '../driven.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const { peers } = await dispatcher.join(broadcastChannel('adder'))
  const adder = await peers[0].spawn('Adder')
  return driven(adder, () => dispatcher.close())
}
