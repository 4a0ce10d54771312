import { connect } from '@nats-io/transport-node'
import { Dispatcher } from 'troupe'
import { nats } from 'troupe/nats'
import { broker } from '../broker.mjs'
import { driven } from '../driven.mjs'

export async function open() {
  const { port, close } = await broker('nats', new URL('troupe-far.mjs', import.meta.url))
  const connection = await connect({ servers: `127.0.0.1:${port}` })
  const dispatcher = new Dispatcher()
  const { peers } = await dispatcher.join(nats(connection))
  const adder = await peers[0].spawn('Adder')
  return driven(adder, async () => {
    await dispatcher.close()
    await connection.close()
    await close()
  })
}
