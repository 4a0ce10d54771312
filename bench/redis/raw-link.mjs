import { Redis } from 'ioredis'
import { broker } from '../broker.mjs'

/** Calls by hand: one publish for each message, and one for each reply. */
export async function connect(receive) {
  const { port, close } = await broker('redis', new URL('raw-far.mjs', import.meta.url))
  const [client, subscriber] = [new Redis(port), new Redis(port)]
  await subscriber.subscribe('replies')
  subscriber.on('message', (_channel, text) => receive(JSON.parse(text)))
  return {
    post: (message) => void client.publish('calls', JSON.stringify(message)),
    close: async () => {
      client.disconnect()
      subscriber.disconnect()
      await close()
    },
  }
}
