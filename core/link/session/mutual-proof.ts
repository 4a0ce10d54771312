import { ActorError, asActorError } from '../../ground/errors.js'
import type { Hello } from './hello.js'
import { VERSION } from './op.js'
import { type Claimed, type Proof, PROVE, type ProvenHandshake, type ProvenLink, type SharedKey } from './shared-key.js'

/** Makes proofs of texts, and checks those of others. */
export interface Secret {
  /** Resolves to the proof of a text, itself a text of at most 255 characters. */
  sign(text: string): Promise<string>
  /** Resolves to whether `proof` is that of the text, in a time that does not depend on where the two differ. */
  verify(text: string, proof: string): Promise<boolean>
}

/** The proofs in their order: the second one is the listener's, the others are the dialler's. */
type Step = 1 | 2 | 3

/**
 * Both sides prove that they know a secret, the dialler first. Three hellos have a proof:
 *
 *     dialler                         listener
 *        1  ── answer ───────────────▶    knows the secret, or is closed
 *           ◀── answer, app ──────  2     knows the secret, too
 *        3  ── answer, app, token, resume ──▶
 *
 * A listener proves nothing to a peer that has not proved itself, and no token goes to such a peer. Each proof holds for
 * the two nonces of one link, for its step, and for what the hello says.
 */
class MutualProof implements Proof {
  readonly #handshake: ProvenHandshake
  readonly #link: ProvenLink
  readonly #secrets: readonly Secret[]
  /** The one that both sides know. A dialler goes by its first. */
  #secret: Secret | undefined
  /** Hellos are handled one after the other. */
  #turn = Promise.resolve()

  constructor(handshake: ProvenHandshake, link: ProvenLink, secrets: readonly Secret[]) {
    this.#handshake = handshake
    this.#link = link
    this.#secrets = secrets
  }

  receive(hello: Hello, isNew: boolean): void {
    const handshake = this.#handshake
    const isAnswer = hello.answer === handshake.nonce
    if (!isAnswer && !isNew) return
    // Told at once, before a peer without a key tells what it makes of this side.
    if (isAnswer && typeof hello.proof !== 'string')
      throw new ActorError('unauthorized', "no proof of the shared key came; give 'key' to both sides")
    const isDialler = this.#isDialler(hello)
    // What comes behind the last hello is read meanwhile.
    if (isAnswer && (isDialler || this.#secret)) handshake.isAnswered = true
    this.#turn = this.#turn
      .then(() => {
        if (this.#link.hasEnded) return
        if (!isAnswer) return isDialler ? this.#say(1, hello, {}) : handshake.say()
        return isDialler ? this.#meet(hello) : this.#admit(hello)
      })
      .catch((error: unknown) => this.#link.close(asActorError(error, 'unauthorized', 'the shared key failed')))
  }

  /** Of two members of a bus, the one whose nonce comes first in the order of UTF-16 code units. */
  #isDialler({ nonce }: Hello): boolean {
    const { transport, options } = this.#link
    return transport.traits.topology === 'bus' ? this.#handshake.nonce < nonce : !options.incoming
  }

  /** The dialler's part: the listener knows the secret, or the link ends. */
  async #meet(hello: Hello): Promise<void> {
    await this.#check(2, hello, this.#secrets.slice(0, 1))
    await this.#say(3, hello, this.#handshake.claimed)
    if (!this.#link.hasEnded) void this.#handshake.accept(hello)
  }

  /** The listener's part. */
  async #admit(hello: Hello): Promise<void> {
    if (!this.#secret) {
      this.#secret = await this.#check(1, hello, this.#secrets)
      return this.#say(2, hello, this.#handshake.claimed)
    }
    await this.#check(3, hello, [this.#secret])
    if (!this.#link.hasEnded) void this.#handshake.accept(hello)
  }

  /** Answers a hello with a proof. */
  async #say(step: Step, { id, nonce }: Hello, claimed: Claimed): Promise<void> {
    const own = { id: this.#link.realm.id, nonce: this.#handshake.nonce }
    const proof = await (this.#secret ?? this.#secrets[0]!).sign(textOf(step, own, { id, nonce }, claimed))
    this.#handshake.say({ answer: nonce, ...claimed, proof })
  }

  /** The secret that the peer has proved to know. Rejects with `unauthorized` if it is none of these. */
  async #check(step: Step, hello: Hello, secrets: readonly Secret[]): Promise<Secret> {
    const text = textOf(step, hello, { id: this.#link.realm.id, nonce: this.#handshake.nonce }, hello)
    for (const secret of secrets) if (await secret.verify(text, hello.proof as string)) return secret
    throw new ActorError(
      'unauthorized',
      'the proof of the shared key is wrong; both sides need the same secret, and one of them connects while the other listens',
    )
  }
}

type End = Pick<Hello, 'id' | 'nonce'>

/** What is signed. Nothing in it can be taken for another part of it. */
const textOf = (step: Step, from: End, to: End, { app, token, resume }: Claimed): string =>
  JSON.stringify([
    'troupe shared key',
    step,
    VERSION,
    from.id,
    from.nonce,
    to.id,
    to.nonce,
    app ?? null,
    token ?? null,
    resume?.session ?? null,
    resume?.received ?? null,
  ])

/**
 * Makes a key of secrets. The first one is proved to the side that was connected to; a peer that connects may prove any of
 * them, and is answered with the same.
 */
export const keyOf = (...secrets: readonly Secret[]): SharedKey => ({
  [PROVE]: (handshake, link) => new MutualProof(handshake, link, secrets),
})
