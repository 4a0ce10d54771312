import { ActorError } from '../../core/adapter.js'
import { given, has } from '../base/given.js'
import { Unanswered } from './persevere.js'
import { Refused } from './refused.js'

/** What is used of a client of node-redis. */
interface NodeRedis {
  readonly isOpen: boolean
  readonly isReady: boolean
  sendCommand(args: readonly (string | Buffer)[], options: object): Promise<unknown>
}

/** What is used of a client of ioredis. */
interface IoRedis {
  readonly status: string
  callBuffer(command: string, args: (string | Buffer)[]): Promise<unknown>
}

/** A script of Redis, which the server does as one step. */
export class Script {
  readonly text: string
  #sha: Promise<string> | undefined

  constructor(text: string) {
    this.text = text
  }

  /** The name of the script at a server that has seen it. */
  get sha(): Promise<string> {
    return (this.#sha ??= shaOf(this.text))
  }
}

async function shaOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Buffer.from(digest).toString('hex')
}

/** In node-redis, the code of texts of any bytes. */
const BLOB = 36
/** Replies of a server that is not ready yet, or not the one that writes any more. */
const LATER = /^-?(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|NOREPLICAS) /
/** Replies that say that nothing was changed. They come at the first change of a script. */
const UNCHANGED = /^-?(OOM|MISCONF) /
/** Replies begin with a word in capitals. */
const REPLY = /^-?[A-Z]{2,} /
/** What a reply says if it was a command in a script that failed. */
const INSIDE = / script: /

/** Runs scripts on a client of node-redis or of ioredis, which stays the user's. */
export class RedisScripts {
  readonly #client: NodeRedis | IoRedis

  /** Throws `malformed` for anything else. `name` is the function that was called. */
  constructor(name: string, client: unknown) {
    const isNode = has(client, 'sendCommand') && typeof (client as Partial<NodeRedis>).isReady === 'boolean'
    const isIo = has(client, 'callBuffer') && typeof (client as Partial<IoRedis>).status === 'string'
    if (!isNode && !isIo)
      throw new ActorError(
        'malformed',
        `${name} takes a client of node-redis or ioredis, such as createClient(), not ${given(client)}`,
      )
    this.#client = client as NodeRedis | IoRedis
  }

  /** Whether the client was closed, so that it never connects again by itself. */
  get isClosed(): boolean {
    const client = this.#client
    return 'isOpen' in client ? !client.isOpen : client.status === 'end'
  }

  /**
   * Runs a script. Texts of its reply are Buffers. Rejects with `Unanswered` if there is no answer or a later attempt may
   * succeed, and with `Refused` for any other reply that is an error.
   *
   * A client that is not connected keeps commands and sends them at another time. So it gets none then.
   */
  async run(script: Script, keys: readonly string[], args: readonly (string | Uint8Array)[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args.map(sendable)]
    try {
      return await this.#send('EVALSHA', [await script.sha, ...rest])
    } catch (error) {
      if (!(error instanceof Refused) || !error.message.includes('NOSCRIPT')) throw error
      return await this.#send('EVAL', [script.text, ...rest])
    }
  }

  async #send(command: string, args: (string | Buffer)[]): Promise<unknown> {
    const client = this.#client
    const isNode = 'isOpen' in client
    if (!(isNode ? client.isReady : client.status === 'ready' || client.status === 'wait')) throw new Unanswered('no')
    try {
      if (isNode) return await client.sendCommand([command, ...args], { typeMapping: { [BLOB]: Buffer } })
      return await client.callBuffer(command, args)
    } catch (error) {
      const text = String((error as Error).message)
      if (LATER.test(text)) throw new Unanswered('no', error)
      if (REPLY.test(text)) throw new Refused(text, !INSIDE.test(text) || UNCHANGED.test(text) ? 'no' : 'maybe', error)
      throw new Unanswered('maybe', error)
    }
  }
}

const sendable = (value: string | Uint8Array): string | Buffer =>
  typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
