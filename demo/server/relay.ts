import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** A tab's connection. */
interface Connection {
  readonly tab: string
  readonly ends: readonly Duplex[]
  /** Bytes flow when it has resolved. */
  thawed: Promise<void>
}

/** Passes bytes on between the sockets of pages and a port, and can stop doing so. It does not know what they mean. */
export class Relay {
  readonly #connections = new Set<Connection>()
  /** Tabs whose connections are refused, and until when. */
  readonly #refused = new Map<string, number>()

  /** Passes a request on, and all that follows. `port` is undefined if there is nobody to pass it on to. */
  async pass(request: IncomingMessage, page: Duplex, head: Buffer, port: number | undefined): Promise<void> {
    const tab = new URL(request.url!, 'http://localhost').searchParams.get('tab') ?? ''
    if (port === undefined || Date.now() < (this.#refused.get(tab) ?? 0)) return void page.destroy()
    this.#refused.delete(tab)
    const server = connect(port, '127.0.0.1')
    const connection: Connection = { tab, ends: [page, server], thawed: Promise.resolve() }
    this.#connections.add(connection)
    for (const end of connection.ends) end.on('error', () => {}) // The other end goes with it.
    server.write(textOf(request), 'latin1')
    server.write(head)
    async function* gate(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const some of bytes) {
        await connection.thawed
        yield some
      }
    }
    await Promise.allSettled([pipeline(page, gate, server), pipeline(server, gate, page)])
    this.#connections.delete(connection)
  }

  /** Destroys the sockets of a tab, and refuses new ones for so many milliseconds. */
  cut(tab: string, ms: number): void {
    this.#refused.set(tab, Date.now() + ms)
    for (const { ends } of this.#of(tab)) for (const end of ends) end.destroy()
  }

  /** Passes nothing on between the sockets that a tab has now for so many milliseconds. Neither side is told. */
  freeze(tab: string, ms: number): void {
    for (const connection of this.#of(tab)) connection.thawed = pause(ms)
  }

  #of(tab: string): Connection[] {
    return [...this.#connections].filter((connection) => connection.tab === tab)
  }
}

/** A request as it came. */
function textOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let n = 0; n < rawHeaders.length; n += 2) lines.push(`${rawHeaders[n]}: ${rawHeaders[n + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
