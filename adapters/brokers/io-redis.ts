import { ActorError } from '../../core/adapter.js'
import type { OpenBroker } from './broker.js'
import { Connections } from './connections.js'
import { redisBroker } from './redis-broker.js'

/** What is used of a client of ioredis. */
interface IoRedis {
  readonly status: string
  duplicate(override: object): IoRedis
  connect(): Promise<void>
  publish(channel: string, message: Buffer): Promise<unknown>
  subscribe(...channels: string[]): Promise<unknown>
  pubsub(subcommand: 'CHANNELS', pattern: string): Promise<unknown>
  on(event: string, listener: (...args: never[]) => void): unknown
  off(event: string, listener: (...args: never[]) => void): unknown
  disconnect(): void
}

/** The subscriber subscribes anew itself, and says when it has: commands that wait in the client would leave at another time. */
const SUBSCRIBER = { autoResubscribe: false, enableOfflineQueue: false, lazyConnect: true }

export const isIoRedis = (client: unknown): client is IoRedis =>
  typeof (client as Partial<IoRedis>).status === 'string' && typeof (client as Partial<IoRedis>).pubsub === 'function'

/** Opens a bus on a client of ioredis. */
export const openIoRedis =
  (client: IoRedis): OpenBroker =>
  async (listener, signal) => {
    if (client.status === 'end') throw new ActorError('unreachable', 'the client of redis is closed')
    const connections = new Connections(listener, signal)
    const subscriber = client.duplicate(SUBSCRIBER)
    let isSubscribed = false
    const check = (error?: unknown): void => {
      isSubscribed &&= subscriber.status === 'ready'
      if (error !== undefined) connections.failed(error)
      connections.set(client.status === 'ready' && isSubscribed, error)
    }
    const ended = (): void => connections.end(new ActorError('stopped', 'the client of redis was closed'))
    const events = { ready: check, error: check, close: check, end: ended }
    const close = (): void => {
      for (const [event, heard] of Object.entries(events)) client.off(event, heard)
      subscriber.disconnect()
    }
    for (const [event, heard] of Object.entries(events)) client.on(event, heard)
    subscriber.on('messageBuffer', (channel: Uint8Array, message: Uint8Array) =>
      listener.message(channel.toString(), message),
    )
    subscriber.on('error', check)
    subscriber.on('close', check)
    subscriber.on('ready', () => {
      const subscribing = subscriber.subscribe(...listener.subjects)
      // If the connection breaks again, it is ready again later.
      subscribing.then(() => {
        isSubscribed = true
        check()
      }, check)
    })
    // Told by events. A client that connects when it is first used is used now.
    subscriber.connect().catch(() => {})
    if (client.status === 'wait') client.connect().catch(() => {})
    return redisBroker(connections, {
      publish: (channel, message) => client.publish(channel, message),
      channels: async (pattern) => (await client.pubsub('CHANNELS', pattern)) as string[],
      failed: check,
      close,
    })
  }
