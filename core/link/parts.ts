import type { ActorError } from '../ground/errors.js'
import type { Transport } from '../transport/transport.js'
import { Decoder } from '../wire/decode.js'
import { Encoder } from '../wire/encode.js'
import { Incoming } from './calls/incoming.js'
import { Outgoing } from './calls/outgoing.js'
import { ControlFrames } from './control-frames.js'
import type { LinkHome } from './link-home.js'
import type { LinkOptions } from './link-options.js'
import type { Link } from './link.js'
import { Notices } from './notices.js'
import { ReferenceReader } from './references/reference-reader.js'
import { ReferenceWriter } from './references/reference-writer.js'
import { References } from './references/references.js'
import { decide, type Feature, Handshake } from './session/handshake.js'
import { Op } from './session/op.js'
import { Outbox } from './session/outbox.js'
import { Writer } from './session/writer.js'

/** What a link hears of its parts. */
interface Heard {
  /** Both sides have consented. */
  readonly open: () => void
  /** The caller of a call that may run gave up. */
  readonly abort: (slot: number, reason: ActorError) => void
  /** The transport, or a frame of our own, failed. */
  readonly broken: (error: unknown) => void
}

/** What a link is made of. */
export interface Parts {
  readonly references: References
  readonly writer: Writer
  readonly decoder: Decoder
  readonly frames: ControlFrames
  readonly notices: Notices
  readonly outgoing: Outgoing
  readonly incoming: Incoming
  readonly handshake: Handshake
}

/** The parts of a link, with what each needs of the others. */
export function assemble(
  link: Link,
  realm: LinkHome,
  transport: Transport,
  options: LinkOptions,
  { open, abort, broken }: Heard,
): Parts {
  const { trusted } = transport.traits
  const limits = realm.limits[trusted ? 'trusted' : 'untrusted']
  const references = new References(realm, link, limits.references)
  const outbox = new Outbox(transport, limits.frame, (task) => realm.env.defer(task), broken)
  const writer = new Writer(outbox, new Encoder(new ReferenceWriter(references), limits, trusted))
  const frames = new ControlFrames(writer, broken)
  return {
    references,
    writer,
    decoder: new Decoder(new ReferenceReader(references, () => link.peer), limits),
    frames,
    notices: new Notices(references.exports, frames),
    outgoing: new Outgoing(
      realm,
      link,
      writer,
      limits.name,
      (sender) => trusted || references.knows(sender),
      // A stranger is told that others wait, and not what they are called.
      (chain) => (trusted ? chain : chain.map((one) => (one.realm === link.peer ? one : { ...one, path: '…' }))),
      abort,
    ),
    incoming: new Incoming(realm, writer, references, limits, () => link.caller),
    handshake: new Handshake(
      {
        id: realm.id,
        nonce: realm.env.id(),
        limits,
        features: featuresOf(realm, transport),
        token: options.token,
        decide: (token) => decide(options.authorize, { ...transport.facts, token }, trusted, options.incoming),
        actors: options.actors,
      },
      {
        hello: (hello) => frames.value(Op.Hello, hello),
        welcome: (welcome) => frames.value(Op.Welcome, welcome),
        open,
        failed: (error) => link.close(error),
      },
    ),
  }
}

/** What this side understands beyond what every side does. */
function featuresOf({ routes, followers }: LinkHome, { codec, ports }: Transport): Feature[] {
  const features: Feature[] = []
  if (codec.batch) features.push('batches')
  if (ports && routes.shortcuts) features.push('introductions')
  if (followers) features.push('followers')
  return features
}
