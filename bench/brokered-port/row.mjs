import { plan } from '../loads.mjs'

const contenders = ['raw', 'broadcast-channel', 'troupe']

export const path = 'brokered port'
export const about =
  'the actor runs in another tab, over a MessagePort that a SharedWorker handed to both; raw and broadcast-channel go over a BroadcastChannel, by hand and with Troupe'
export const inChromium = true
export const others = { raw: 'raw-tab', 'broadcast-channel': 'broadcast-channel-tab', troupe: 'troupe-tab' }
export const loads = plan(contenders, contenders, [1, 8, 1000])
