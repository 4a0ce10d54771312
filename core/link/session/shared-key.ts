import type { ActorError } from '../../ground/errors.js'
import type { Traits } from '../../transport/transport.js'
import type { Hello } from './hello.js'

/** Under this, a key has what proves it, so that nothing else brings the code for it. */
export const PROVE: unique symbol = Symbol('prove')

/**
 * Proves to a peer that this side knows a secret, and lets in only peers that prove the same: `sharedKey(…)` of
 * `troupe/shared-key` returns it, and `keyOf(…)` makes it.
 */
export interface SharedKey {
  readonly [PROVE]: (handshake: ProvenHandshake, link: ProvenLink) => Proof
}

/** Handles the hellos of one link. */
export interface Proof {
  /** `isNew` says that this nonce is another one than that of the hello before. */
  receive(hello: Hello, isNew: boolean): void
}

/** What a side says of itself beside its nonce, its id and its limits. */
export type Claimed = Pick<Hello, 'app' | 'token' | 'resume'>

/** The handshake that a proof belongs to. */
export interface ProvenHandshake {
  readonly nonce: string
  /** Set when the last hello of the peer has come: all that follows is for this link. */
  isAnswered: boolean
  /** What this side tells the peer of itself. */
  readonly claimed: Claimed
  /** Sends a hello. */
  say(more?: Claimed & Pick<Hello, 'answer' | 'proof'>): void
  /** The last hello is as the peer sent it: decides whether that is accepted. Never rejects. */
  accept(hello: Hello): Promise<void>
}

/** The link that a proof belongs to. */
export interface ProvenLink {
  readonly realm: { readonly id: string }
  readonly transport: { readonly traits: Pick<Traits, 'topology'> }
  readonly options: { readonly incoming?: boolean }
  readonly hasEnded: boolean
  close(reason: ActorError): void
}
