import type { Broker } from './broker.js'
import type { Connections } from './connections.js'

/** What a bus uses of a client of Redis. */
export interface RedisCommands {
  publish(channel: string, message: Buffer): Promise<unknown>
  /** The channels that match a pattern and have a subscriber. */
  channels(pattern: string): Promise<readonly string[]>
  /** Hears of a command that failed. */
  failed(error: unknown): void
  close(): void
}

/** What both clients have in common. Resolves when the connections are up; otherwise all is closed. */
export async function redisBroker(connections: Connections, commands: RedisCommands): Promise<Broker> {
  try {
    await connections.ready
  } catch (error) {
    commands.close()
    throw error
  }
  return {
    publish: (subject, { buffer, byteOffset, length }) =>
      void commands
        .publish(subject, Buffer.from(buffer, byteOffset, length))
        .catch((error: unknown) => commands.failed(error)),
    subjects: (prefix) => commands.channels(`${prefix}*`),
    close: () => commands.close(),
  }
}
