import { connect as connectTo } from '@nats-io/transport-node'
import { broker } from '../broker.mjs'
import { byCallbacks } from '../by-hand.mjs'

export const open = () => byCallbacks(connect)

/** One publish for each message; the replies come to one subject. */
async function connect(receive) {
  const { port, close } = await broker('nats', new URL('raw-far.mjs', import.meta.url))
  const connection = await connectTo({ servers: `127.0.0.1:${port}` })
  connection.subscribe('replies', { callback: (_error, message) => receive(message.json()) })
  await connection.flush()
  return {
    post: (message) => connection.publish('calls', JSON.stringify(message)),
    close: async () => {
      await connection.close()
      await close()
    },
  }
}
