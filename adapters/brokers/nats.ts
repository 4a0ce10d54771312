import { ActorError, type Bus } from '../../core/adapter.js'
import { given, has } from '../base/given.js'
import { brokerBus, type BrokerOptions } from './broker-bus.js'
import type { OpenBroker } from './broker.js'
import { Connections } from './connections.js'

export type { BrokerOptions }

/** A connection to NATS: `connect()` of `@nats-io/transport-node`, or `wsconnect()` of `@nats-io/nats-core` in a browser. */
export interface NatsConnection {
  publish(...args: never[]): unknown
  subscribe(...args: never[]): unknown
  flush(): Promise<void>
  status(): AsyncIterable<unknown>
  closed(): Promise<unknown>
  isClosed(): boolean
}

/** What is used of it. */
interface Nats extends NatsConnection {
  readonly info?: { readonly max_payload: number } | undefined
  publish(subject: string, data: Uint8Array): void
  subscribe(subject: string, options: { callback: (error: unknown, message: Message) => void }): Subscription
  status(): AsyncIterable<Status> & { stop?(): void }
}

interface Message {
  readonly subject: string
  readonly data: Uint8Array
}

interface Subscription {
  unsubscribe(): void
}

interface Status {
  readonly type: string
  readonly error?: Error & { readonly subject?: string }
}

const SUBJECTS = {
  name: 'nats',
  separator: '.',
  prefix: /^(?=.{1,128}$)[\w-]+(?:\.[\w-]+)*$/,
  rule: 'a text of 1 to 128 letters, digits, _ and -, with single dots between them',
}

/**
 * A bus over NATS, for processes on one machine or many, and for pages.
 *
 * Takes the connection, and `{ prefix, key, leaf }`. The connection stays the user's, and is never closed here. With
 * `maxReconnectAttempts: -1` it outlasts any outage. Without a `key`, all that can reach the server are
 * trusted.
 *
 * Returns what `join` takes. Throws `malformed` for anything but a connection and for wrong options, and `unauthorized` for a `key` in a
 * page. `join` rejects with `unreachable` if the connection is closed, with `handshake-timeout` if the server can't be reached, and with
 * `expired` if the key of a leaf has expired.
 */
export function nats(connection: NatsConnection, options: BrokerOptions = {}): Bus {
  if (!has(connection, 'publish', 'subscribe', 'flush', 'status', 'closed', 'isClosed'))
    throw new ActorError('malformed', `nats takes a connection, such as await connect(), not ${given(connection)}`)
  return brokerBus(SUBJECTS, options, openNats(connection as Nats))
}

const openNats =
  (connection: Nats): OpenBroker =>
  async (listener, signal) => {
    if (connection.isClosed()) throw new ActorError('unreachable', 'the connection to nats is closed')
    const connections = new Connections(listener, signal)
    const subscriptions = listener.subjects.map((subject) =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) connections.refused(error)
          else listener.message(message.subject, message.data)
        },
      }),
    )
    const statuses = connection.status()
    const close = (): void => {
      endsOf(connection).delete(ended)
      statuses.stop?.()
      if (!connection.isClosed()) for (const subscription of subscriptions) subscription.unsubscribe()
    }
    void watch(statuses, connections, listener.prefix)
    const ended = (): void => connections.end(new ActorError('stopped', 'the connection to nats was closed'))
    endsOf(connection).add(ended)
    // The server has the subscriptions when it answers.
    connection.flush().then(
      () => connections.set(true),
      () => {},
    )
    try {
      await connections.ready
    } catch (error) {
      close()
      throw error
    }
    return {
      largest: connection.info?.max_payload,
      publish(subject, data) {
        if (!connection.isClosed()) connection.publish(subject, data)
      },
      close,
    }
  }

/** By connection, what is to be called when it is closed: the promise of that would keep all that ever waited for it. */
const ends = new WeakMap<object, Set<() => void>>()

function endsOf(connection: Nats): Set<() => void> {
  const known = ends.get(connection)
  if (known) return known
  const made = new Set<() => void>()
  ends.set(connection, made)
  void connection.closed().then(() => {
    for (const end of made) end()
  })
  return made
}

/** Stores and locks may have subjects with the same beginning. */
const isOfBus = (subject: string | undefined, prefix: string): boolean =>
  subject?.startsWith(prefix) === true && /^(?:all$|leaves$|to\.|leaf\.)/.test(subject.slice(prefix.length))

/** The client subscribes anew before it says that it is connected again. `prefix` is that of all subjects of the bus. */
async function watch(statuses: AsyncIterable<Status>, connections: Connections, prefix: string): Promise<void> {
  for await (const { type, error } of statuses) {
    if (type === 'disconnect' || type === 'staleConnection') connections.set(false, error)
    else if (type === 'reconnect') connections.set(true)
    else if (type === 'error' && isOfBus(error?.subject, prefix)) connections.refused(error)
  }
}
