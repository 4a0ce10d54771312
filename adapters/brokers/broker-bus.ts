import { ActorError, type Bus, bus } from '../../core/adapter.js'
import { given } from '../base/given.js'
import type { OpenBroker } from './broker.js'
import { BrokerMedium } from './broker-medium.js'
import { sealOf } from './seal.js'

/** The options of `redis` and `nats`. */
export interface BrokerOptions {
  /** What the subjects of this bus begin with: those of one prefix find each other. `troupe` unless given. */
  readonly prefix?: string
  /**
   * A secret that all members share: at least 16 bytes, best 32 random ones, or a text. What they send is signed with it, and
   * what is not is dropped and counted in `dispatcher.info().buses`. It is not encrypted. Not for pages.
   */
  readonly key?: string | Uint8Array | undefined
}

/** How the server writes subjects. */
export interface Subjects {
  readonly name: string
  readonly separator: string
  /** What a prefix must match, and how that is said. */
  readonly prefix: RegExp
  readonly rule: string
}

/** Makes a bus of what opens its server. Throws `malformed` for wrong options. */
export function brokerBus(subjects: Subjects, options: BrokerOptions, open: OpenBroker): Bus {
  const { name, separator, rule } = subjects
  if (typeof options !== 'object' || options === null)
    throw new ActorError('malformed', `the options of ${name} must be an object, not ${given(options)}`)
  const { prefix = 'troupe', key } = options
  if (typeof prefix !== 'string' || !subjects.prefix.test(prefix))
    throw new ActorError('malformed', `the prefix of ${name} must be ${rule}, not ${given(prefix)}`)
  const seal = sealOf(key)
  const all = [prefix, 'all'].join(separator)
  const subjectOf = (member: string): string => [prefix, 'to', member].join(separator)
  return bus(
    async (member, frame, signal) => {
      const medium = new BrokerMedium({ name: `${name} '${prefix}'`, member, all, subjectOf, seal, frame })
      medium.begin(await open(medium.listener, signal))
      return medium
    },
    { returns: true },
  )
}
