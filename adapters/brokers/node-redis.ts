import { ActorError } from '../../core/adapter.js'
import type { OpenBroker } from './broker.js'
import { Connections } from './connections.js'
import { redisBroker } from './redis-broker.js'

/** What is used of a client of node-redis. */
interface NodeRedis {
  readonly isOpen: boolean
  readonly isReady: boolean
  duplicate(): NodeRedis
  connect(): Promise<unknown>
  publish(channel: string, message: Buffer): Promise<unknown>
  subscribe(
    channels: readonly string[],
    listener: (message: Uint8Array, channel: Uint8Array) => void,
    asBuffers: true,
  ): Promise<void>
  pubSubChannels(pattern: string): Promise<string[]>
  on(event: string, listener: (error?: unknown) => void): unknown
  off(event: string, listener: (error?: unknown) => void): unknown
  destroy(): void
}

export const isNodeRedis = (client: unknown): client is NodeRedis =>
  typeof (client as Partial<NodeRedis>).isOpen === 'boolean' &&
  typeof (client as Partial<NodeRedis>).pubSubChannels === 'function'

/** Opens a bus on a client of node-redis. */
export const openNodeRedis =
  (client: NodeRedis): OpenBroker =>
  async (listener, signal) => {
    if (!client.isOpen)
      throw new ActorError('unreachable', 'the client of redis is not connected; await client.connect() first')
    const connections = new Connections(listener, signal)
    const subscriber = client.duplicate()
    let isSubscribed = false
    const check = (error?: unknown): void => {
      isSubscribed &&= subscriber.isReady
      if (error !== undefined) connections.failed(error)
      connections.set(client.isReady && isSubscribed, error)
    }
    const ended = (): void => connections.end(new ActorError('stopped', 'the client of redis was closed'))
    const events = { ready: check, error: check, reconnecting: check, end: ended }
    let isConnecting = true
    let isClosed = false
    /** `destroy` does not end a connection that is being made: it is called when that is there, or has failed. */
    const connecting = (isNow: boolean): void => {
      isConnecting = isNow
      if (isClosed && !isConnecting && subscriber.isOpen) subscriber.destroy()
    }
    const close = (): void => {
      for (const [event, heard] of Object.entries(events)) client.off(event, heard)
      isClosed = true
      connecting(isConnecting)
    }
    for (const [event, heard] of Object.entries(events)) client.on(event, heard)
    subscriber.on('error', check)
    subscriber.on('reconnecting', check)
    // An attempt to connect ends with one of the first two.
    subscriber.on('connect', () => connecting(false))
    subscriber.on('error', () => connecting(false))
    subscriber.on('reconnecting', () => connecting(true))
    // It has subscribed anew before it is ready again.
    subscriber.on('ready', () => {
      isSubscribed ||= hasSubscribed
      check()
    })
    let hasSubscribed = false
    const subscribe = async (): Promise<void> => {
      await subscriber.connect()
      await subscriber.subscribe(
        listener.subjects,
        (message, channel) => listener.message(channel.toString(), message),
        true,
      )
      isSubscribed = hasSubscribed = true
      check()
    }
    subscribe().catch((cause: unknown) => {
      connections.failed(cause)
      connections.end(new ActorError('unreachable', 'the connection for what comes was not made', { cause }))
    })
    return redisBroker(connections, {
      publish: (channel, message) => client.publish(channel, message),
      channels: (pattern) => client.pubSubChannels(pattern),
      failed: check,
      close,
    })
  }
