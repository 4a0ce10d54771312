import { connect } from '@nats-io/transport-node'
import { broker } from '../broker.mjs'
import { awaiting } from '../loops.mjs'

export async function open() {
  const { port, close } = await broker('nats', new URL('raw-far.mjs', import.meta.url))
  const connection = await connect({ servers: `127.0.0.1:${port}` })
  const call = JSON.stringify({ id: 0, method: 'add', args: [1, 2] })
  return {
    ask: (inFlight, total) => awaiting(async () => (await connection.request('calls', call)).json(), inFlight, total),
    close: async () => {
      await connection.close()
      await close()
    },
  }
}
