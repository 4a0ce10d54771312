// The room link/session: how a link opens, stays alive, and when its frames leave.
import type { Env } from '../../ground/env.js'
import { ActorError, asActorError } from '../../ground/errors.js'
import type { Limits } from '../../ground/limits.js'
import { areTexts, textOf } from '../../ground/text.js'
import type { Facts, Lasting, Transport } from '../../transport/transport.js'
import { Op, VERSION } from './op.js'
import type { Writer } from './writer.js'

/** The argument of `authorize`: what is known of a peer. */
export interface Claims extends Facts {
  /** The token that the peer sent, if any. */
  readonly token: string | undefined
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
 * refused with `unauthorized`.
 */
export type Authorize = (claims: Claims) => boolean | Grant | Promise<boolean | Grant>

/**
 * Payloads in the form for batches, introductions, calls that follow another one, other connections for the same session: not
 * every side has the code for them. And whether the peer can end the realm.
 */
export type Feature = 'batches' | 'introductions' | 'pipelining' | 'ends' | 'resume'

const ANNOUNCED = ['frame', 'depth', 'nodes', 'calls', 'references', 'window'] as const
type Announced = Pick<Limits, (typeof ANNOUNCED)[number]>

/** First frame of either side, and the answer to the other's. Sent again it changes nothing. */
export interface Hello {
  readonly version: number
  readonly id: string
  readonly nonce: string
  /** The nonce of the hello that this one answers; the token comes only with it. */
  readonly answer?: string
  readonly token?: string
  /** The version of the application. */
  readonly app?: string
  /** The session that goes on over this connection, and how many payloads of it came. */
  readonly resume?: { readonly session: string; readonly received: number }
  /** What else this side understands. */
  readonly features?: readonly Feature[]
  readonly limits: Announced
}

/** Consent of either side: the peer may send now. */
export interface Welcome {
  readonly actors: readonly string[]
  /** How many payloads came of the session that goes on. */
  readonly received?: number
}

/** A session that goes on over another connection. */
export interface Resume {
  /** The id of the session. */
  readonly session: string
  /** The number of payloads that came before. */
  readonly received: number
  readonly lasting: Lasting
}

/** What a handshake needs of its link. */
export interface Opening {
  readonly realm: { readonly id: string; readonly env: Env }
  readonly transport: Transport
  readonly trusted: boolean
  readonly limits: Limits
  readonly options: {
    readonly incoming?: boolean
    readonly token?: string | undefined
    readonly resume?: Resume | undefined
    /** Finds the session that a peer goes on with. Throws `expired` if there is none. */
    readonly resumed?: (id: string, peer: string) => Resume
    readonly requestHandler: {
      readonly authorize: Authorize | undefined
      readonly version: string | undefined
      checkVersion(peer: string, theirs: string | undefined): void
      /** Spawnable keys for a peer with this grant. */
      keys(grant: Grant): readonly string[]
    }
  }
  readonly writer: Writer
  readonly hasEnded: boolean
  /** This side has consented. */
  agreed(): void
  /** Both sides have consented. */
  opened(hello: Hello): void
  /** Both sides have consented to go on with a session, of which so many payloads came at the other end. */
  resumed(session: Lasting, received: number): void
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
export class Handshake {
  peer: Hello | undefined
  grant: Grant | undefined
  welcomed: Welcome | undefined
  /** Whether a hello came that answers the one of this side: all that follows is for this link. */
  isAnswered = false
  /** What the peer goes on with. */
  #resumed: Resume | undefined
  readonly nonce: string
  readonly #link: Opening
  readonly #features: readonly Feature[]

  constructor(link: Opening, features: readonly Feature[]) {
    this.#link = link
    this.#features = features
    this.nonce = link.realm.env.id()
  }

  start(): void {
    if (!this.peer) this.#hello()
  }

  receiveHello(value: unknown): void {
    if (this.isAnswered) return
    const hello = readHello(value)
    if (hello.nonce !== this.peer?.nonce) {
      this.peer = hello
      if (hello.id === this.#link.realm.id) throw new ActorError('id-in-use', 'the peer has the id of this dispatcher')
      const { token, resume, requestHandler } = this.#link.options
      const { version } = requestHandler
      this.#hello({
        answer: hello.nonce,
        ...(version !== undefined && { app: version }),
        ...(token !== undefined && { token }),
        ...(resume && { resume: { session: resume.session, received: resume.received } }),
      })
    }
    if (hello.answer !== this.nonce) return
    this.isAnswered = true
    // Only this one has all that the peer says.
    this.peer = hello
    void this.#decide(hello.token)
  }

  receiveWelcome(value: unknown): void {
    const { actors, received } = isRecord(value) ? value : {}
    if (!this.peer || !actors || !areTexts(actors) || (this.#link.options.resume && !isCount(received))) {
      throw new ActorError('protocol', 'the peer sent an invalid welcome')
    }
    if (this.welcomed) throw new ActorError('protocol', 'the peer sent a second welcome')
    this.welcomed = { actors: actors as string[], ...(isCount(received) && { received }) }
    this.#advance()
  }

  /** Asks `authorize`, or goes by trust and the loopback interface where there is none. */
  async #decide(token: string | undefined): Promise<void> {
    const { transport, options, trusted, writer } = this.#link
    const { facts } = transport
    const { requestHandler, incoming } = options
    try {
      requestHandler.checkVersion(this.peer!.id, this.peer!.app)
      const verdict: unknown = requestHandler.authorize
        ? await requestHandler.authorize({ ...facts, token })
        : trusted || !incoming || facts?.loopback
      // It may have ended while authorize was asked.
      if (this.#link.hasEnded) return
      // Whatever else it says lets nobody in.
      const isGrant =
        isRecord(verdict) && !Array.isArray(verdict) && areTexts(verdict['actors']) && areTexts(verdict['names'])
      if (verdict !== true && !isGrant) {
        const text = !requestHandler.authorize
          ? 'no authorize was given, so only peers on the loopback interface come in'
          : verdict
            ? "authorize gave neither true nor a grant, whose 'actors' and 'names' must be lists of names"
            : 'authorize refused the peer'
        throw new ActorError('unauthorized', text)
      }
      this.grant = isGrant ? verdict : { control: trusted }
      const { id, resume } = this.peer!
      if (resume) this.#resumed = options.resumed?.(resume.session, id) ?? expired()
      const received = this.#resumed?.received
      writer.control(Op.Welcome, [
        { actors: requestHandler.keys(this.grant), ...(received !== undefined && { received }) },
      ])
      writer.sent = 0
      if (!resume) this.#link.agreed()
      this.#advance()
    } catch (error) {
      this.#link.close(asActorError(error, 'unauthorized', 'authorize threw'))
    }
  }

  #advance(): void {
    if (!this.grant || !this.welcomed) return
    const { resume } = this.#link.options
    const resumed = this.#resumed
    if (resume) return this.#link.resumed(resume.lasting, this.welcomed.received!)
    if (!resumed) return this.#link.opened(this.peer!)
    if (resumed.lasting.received !== resumed.received)
      throw new ActorError('unreachable', 'the peer connected anew meanwhile')
    this.#link.resumed(resumed.lasting, this.peer!.resume!.received)
  }

  #hello(answer?: Pick<Hello, 'answer' | 'token' | 'resume' | 'app'>): void {
    const { realm, limits, writer } = this.#link
    const hello: Hello = {
      version: VERSION,
      id: realm.id,
      nonce: this.nonce,
      features: this.#features,
      limits: Object.fromEntries(ANNOUNCED.map((name) => [name, limits[name]])) as unknown as Announced,
      ...answer,
    }
    writer.control(Op.Hello, [hello])
  }
}

function readHello(value: unknown): Hello {
  if (!isRecord(value)) throw new ActorError('protocol', 'the peer does not speak this protocol')
  const { version, id, nonce, answer, token, features, limits, resume, app } = value
  if (version !== VERSION) {
    throw new ActorError(
      'version',
      `the peer speaks version ${typeof version === 'number' ? version : textOf(version, 16)} of the protocol, this side ${VERSION}; use the same major version of troupe on both`,
    )
  }
  const announced = isRecord(limits) ? limits : {}
  const sizes = ANNOUNCED.map((name) => announced[name])
  if (
    !isText(id) ||
    id === '' ||
    !isText(nonce) ||
    !isOptional(answer) ||
    !isOptional(token) ||
    !isOptional(app) ||
    !areTexts(features) ||
    !isResume(resume) ||
    !sizes.every(isLimit)
  ) {
    throw new ActorError('protocol', 'the peer sent an invalid hello')
  }
  return value as unknown as Hello
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 255
const isOptional = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isResume = (value: unknown): boolean =>
  value === undefined || (isRecord(value) && isText(value['session']) && isCount(value['received']))
const expired = (): never => {
  throw new ActorError('expired', 'sessions do not last here')
}
const isLimit = (value: unknown): value is number => typeof value === 'number' && value >= 1
