import { Redis } from 'ioredis'
import { Dispatcher } from 'troupe'
import { redis } from 'troupe/redis'
import { broker } from '../broker.mjs'
import { driven } from '../driven.mjs'

/** The actor in a process that is a member of the same bus; the far file says whether packets are signed. */
export async function connect(file, options) {
  const { port, close } = await broker('redis', new URL(file, import.meta.url))
  const client = new Redis(port)
  const dispatcher = new Dispatcher()
  const { peers } = await dispatcher.join(redis(client, options))
  const adder = await peers[0].spawn('Adder')
  return driven(adder, async () => {
    await dispatcher.close()
    client.disconnect()
    await close()
  })
}
