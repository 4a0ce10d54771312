import { host } from 'troupe/message-port'
import { probes } from 'troupe/testing'

// The origin of the page around it is in its address. A page of another origin may use the names that the suite does.
const origin = new URLSearchParams(location.search).get('origin')
host(probes, { port: parent, origin, authorize: () => ({ names: ['named'] }) })
