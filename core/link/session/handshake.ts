// The room link/session: how a link opens, stays alive, and when its frames leave.
import type { Env } from '../../ground/env.js'
import { ActorError, asActorError } from '../../ground/errors.js'
import type { Limits } from '../../ground/limits.js'
import { areTexts } from '../../ground/text.js'
import type { Facts, OutageWatcher, Predecessor, Resume } from '../../transport/transport.js'
import { ANNOUNCED, type Feature, type Hello, isCount, isRecord, readHello } from './hello.js'
import { Op, VERSION } from './op.js'
import { type Claimed, type Proof, PROVE, type ProvenHandshake, type SharedKey } from './shared-key.js'
import type { Writer } from './writer.js'

export type { Resume }

/** The argument of `authorize`: what is known of a peer. */
export interface Claims extends Facts {
  /** The token that the peer sent, if any. */
  readonly token: string | undefined
  /** Whether the peer has proved that it knows the `key` of this side: always where there is one. */
  readonly key: boolean
}

/**
 * The result of `authorize` for a peer that is accepted: what it may do besides calling references that it received.
 */
export interface Grant {
  /** Any value; actors see it as `context.caller.user`. */
  readonly user?: unknown
  /** Keys of `actors` that the peer may spawn; all unless given. */
  readonly actors?: readonly string[]
  /**
   * Names that the peer may look up, and give to actors that it spawns. Unless given, it may look up those of the option
   * `names`, and give none.
   */
  readonly names?: readonly string[]
  /**
   * Whether the peer may stop, kill, suspend, resume and inspect actors that it did not spawn. `false` unless given.
   */
  readonly control?: boolean
}

/**
 * Decides whether a peer is accepted: `true`, `false` or a grant. If it throws or gives a wrong grant, the peer is
 * refused with `unauthorized`; if it throws for a peer whose connection broke, that peer tries again.
 */
export type Authorize = (claims: Claims) => boolean | Grant | Promise<boolean | Grant>

/** Consent of either side: the peer may send now. */
export interface Welcome {
  readonly actors: readonly string[]
  /** How many payloads came of the session that goes on. */
  readonly received?: number
}

/** What a handshake needs of its link. */
export interface Opening extends OutageWatcher, Predecessor {
  grant: Grant
  readonly realm: { readonly id: string; readonly env: Env }
  readonly trusted: boolean
  readonly limits: Limits
  readonly options: {
    readonly incoming?: boolean
    readonly token?: string | undefined
    readonly resume?: Resume | undefined
    /** Finds the session that a peer goes on with. Throws `expired` if there is none. */
    readonly resumed?: ((id: string, peer: string) => Resume) | undefined
    readonly requestHandler: {
      readonly offer: {
        readonly authorize?: Authorize
        readonly key?: SharedKey | undefined
        readonly version?: string
      }
      checkVersion(peer: string, theirs: string | undefined): void
      /** Spawnable keys for a peer with this grant. */
      keys(grant: Grant): readonly string[]
    }
  }
  readonly writer: Writer
  readonly hasEnded: boolean
  /** Both sides have consented. */
  opened(hello: Hello): void
  close(reason: ActorError): void
}

/**
 * Hello, answered hello, welcome: the same on both sides.
 *
 * A hello may be lost while the other realm is still loading; the answer to the first hello that
 * arrives says everything again. A port may still carry what was sent over an earlier link: until a hello answers the
 * one of this side, each other hello is answered, and takes the place of the one before.
 * A side is open when it has both given and received a welcome.
 */
export class Handshake implements ProvenHandshake {
  peer: Hello | undefined
  /** Whether this side has consented. */
  #hasConsented = false
  welcomed: Welcome | undefined
  /** Whether a hello came that answers the one of this side: all that follows is for this link. */
  isAnswered = false
  /** The session that goes on over this connection. */
  #resume: Resume | undefined
  readonly nonce: string
  readonly #link: Opening
  readonly #features: readonly Feature[]
  readonly #proof: Proof | undefined

  constructor(link: Opening, features: readonly Feature[]) {
    this.#link = link
    this.#features = features
    this.#resume = link.options.resume
    this.nonce = link.realm.env.id()
    this.#proof = link.options.requestHandler.offer.key?.[PROVE](this, link)
  }

  start(): void {
    if (!this.peer) this.say()
  }

  get claimed(): Claimed {
    const { token, resume, requestHandler } = this.#link.options
    return { app: requestHandler.offer.version, token, resume: resume?.claim }
  }

  /** Whether the connection may carry an earlier link at the other end by now. */
  get isHandedOver(): unknown {
    return this.#hasConsented && this.#resume
  }

  receiveHello(value: unknown): void {
    if (this.isAnswered) return
    const hello = readHello(value)
    const isNew = hello.nonce !== this.peer?.nonce
    if (isNew) this.peer = hello
    if (hello.id === this.#link.realm.id) throw new ActorError('id-in-use', 'the peer has the id of this dispatcher')
    if (this.#proof) return this.#proof.receive(hello, isNew)
    if (isNew) this.say({ answer: hello.nonce, ...this.claimed })
    if (hello.answer === this.nonce) void this.accept(hello)
  }

  receiveWelcome(value: unknown): void {
    const { actors, received } = isRecord(value) ? value : {}
    if (!this.peer || !actors || !areTexts(actors) || (this.#link.options.resume && !isCount(received)))
      throw new ActorError('protocol', 'the peer sent an invalid welcome')
    if (this.welcomed) throw new ActorError('protocol', 'the peer sent a second welcome')
    this.welcomed = value as Welcome
    this.#advance()
  }

  /**
   * The last hello came; only this one has all that the peer says. Asks `authorize`, or goes by the key, by trust and the
   * loopback interface where there is none.
   */
  async accept(hello: Hello): Promise<void> {
    const { id, token, app, resume } = hello
    this.isAnswered = true
    this.peer = hello
    const { transport, options, trusted, writer } = this.#link
    const { facts } = transport
    const { requestHandler, incoming } = options
    const { authorize } = requestHandler.offer
    const key = !!this.#proof
    try {
      requestHandler.checkVersion(id, app)
      const verdict: unknown = authorize
        ? await authorize({ ...facts, token, key })
        : trusted || !incoming || key || facts?.loopback
      // It may have ended while authorize was asked.
      if (this.#link.hasEnded) return
      const grant: unknown = verdict === true ? { control: trusted } : verdict
      // Whatever else it says lets nobody in.
      if (!isGrant(grant)) {
        const text = !authorize
          ? `neither authorize nor key was given, so ${facts?.leaf === undefined ? 'only peers on the loopback interface come' : 'no leaf comes'} in`
          : verdict
            ? "authorize gave neither true nor a grant { user, actors, names, control }, whose 'actors' and 'names' must be lists of names"
            : 'authorize refused the peer'
        throw new ActorError('unauthorized', text)
      }
      this.#link.grant = grant
      this.#hasConsented = true
      if (resume) {
        if (!options.resumed) throw new ActorError('expired', 'sessions do not last here')
        this.#resume = options.resumed(resume.session, id)
      }
      // It sends what it likes from the welcome on.
      transport.admitted?.()
      const actors = requestHandler.keys(grant)
      writer.control(Op.Welcome, [{ actors, ...(resume && { received: this.#resume!.claim.received }) }])
      writer.sent = 0
      // The other side may have opened the link when the connection breaks.
      if (!this.#resume) transport.lasting?.begin(this.#link, incoming ? hello.nonce : this.nonce)
      this.#advance()
    } catch (error) {
      // A peer that goes on with a link was let in before: it may try again.
      const code = resume ? 'unreachable' : 'unauthorized'
      this.#link.close(asActorError(error, code, 'authorize threw'))
    }
  }

  #advance(): void {
    const { peer, welcomed } = this
    if (!this.#hasConsented || !welcomed) return
    if (this.#resume) this.#resume.goOn(this.#link, (peer!.resume ?? welcomed).received!)
    else this.#link.opened(peer!)
  }

  say(more?: Claimed & Pick<Hello, 'answer' | 'proof'>): void {
    const { realm, limits, writer } = this.#link
    const hello: Hello = {
      version: VERSION,
      id: realm.id,
      nonce: this.nonce,
      features: this.#features,
      limits: Object.fromEntries(ANNOUNCED.map((name) => [name, limits[name]])) as unknown as Hello['limits'],
      ...more,
    }
    writer.control(Op.Hello, [hello])
  }
}

/** Whether that is a grant. A name that is not known may be one that is spelt wrong, and would grant all. */
const isGrant = (verdict: unknown): verdict is Grant =>
  isRecord(verdict) &&
  !Array.isArray(verdict) &&
  areTexts(verdict['actors']) &&
  areTexts(verdict['names']) &&
  Object.keys(verdict).every((key) => ['user', 'actors', 'names', 'control'].includes(key))
