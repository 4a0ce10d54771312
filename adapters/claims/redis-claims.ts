import { ActorError } from '../../core/adapter.js'
import { persevere } from '../engines/persevere.js'
import { keyOfText, textOfKey } from '../base/record-key.js'
import { RedisScripts, type Script } from '../engines/redis-scripts.js'
import { Refused } from '../engines/refused.js'
import { type Answer, type Claim, type Claims, serverAway } from './claims.js'
import { CLAIM, FIND, LIST, RELEASE, RENEW } from './redis-claim-scripts.js'

/** Claims that a Redis server keeps. */
export class RedisClaims implements Claims {
  readonly lease: number
  readonly #scripts: RedisScripts
  readonly #keys: readonly string[]

  /** `prefix` is what its keys begin with. `name` is the function that was called. */
  constructor(name: string, client: unknown, prefix: string, lease: number) {
    this.#scripts = new RedisScripts(name, client)
    this.#keys = [prefix, `${prefix}:ends`, `${prefix}:token`]
    this.lease = lease
  }

  async claim(name: string, id: string, value: string, timeout: number): Promise<Answer> {
    const reply = await this.#texts(CLAIM, [textOfKey(name), id, value, String(this.lease)], timeout)
    const [granted, token, written] = reply as [string, string, string]
    return { isGranted: granted === '1', claim: { name, token: Number(token), value: written } }
  }

  async renew(claims: readonly Claim[], timeout: number): Promise<readonly boolean[]> {
    const args = claims.flatMap(({ name, token }) => [textOfKey(name), String(token)])
    const held = String(await this.#run(RENEW, [String(this.lease), ...args], timeout))
    return Array.from(held, (digit) => digit === '1')
  }

  async release({ name, token }: Claim, timeout: number): Promise<boolean> {
    return String(await this.#run(RELEASE, [textOfKey(name), String(token)], timeout)) === '1'
  }

  async find(name: string, timeout: number): Promise<Claim | undefined> {
    const [token, value] = await this.#texts(FIND, [textOfKey(name)], timeout, true)
    return token === undefined ? undefined : { name, token: Number(token), value: value! }
  }

  async list(timeout: number): Promise<readonly Claim[]> {
    const all = await this.#texts(LIST, [], timeout, true)
    return Array.from({ length: all.length / 3 }, (_, n) => {
      const [name, token, value] = all.slice(3 * n, 3 * n + 3) as [string, string, string]
      return { name: keyOfText(name), token: Number(token), value }
    })
  }

  async #texts(script: Script, args: readonly string[], timeout: number, isRead = false): Promise<string[]> {
    return ((await this.#run(script, args, timeout, isRead)) as Buffer[]).map(String)
  }

  #run(script: Script, args: readonly string[], timeout: number, isRead = false): Promise<unknown> {
    const stopped = (): ActorError | undefined =>
      this.#scripts.isClosed ? new ActorError('unreachable', 'the client of redis is closed') : undefined
    const gaveUp = (ran: 'no' | 'maybe', cause: unknown): ActorError => serverAway(timeout, ran, cause)
    return persevere({ timeout, isRead, stopped, gaveUp }, async () => {
      try {
        return await this.#scripts.run(script, this.#keys, args)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        const { message, ran, cause } = error
        throw new ActorError(ran === 'no' ? 'unreachable' : 'unknown', `the server refused: ${message}`, { cause })
      }
    })
  }
}
