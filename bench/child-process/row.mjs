import { plan } from '../loads.mjs'

const lean = ['raw', 'raw-advanced']

export const path = 'child-process'
export const about =
  'the actor runs in a forked process; `raw-advanced` has the serialization of that name, the others JSON'
export const loads = plan([...lean, 'raw+promise', 'troupe'], [...lean, 'troupe'])
