import { ActorError, type Bus, bus, paced } from '../../core/adapter.js'
import { given } from '../base/given.js'
import { checkOptions } from '../base/options.js'
import type { OpenBroker } from './broker.js'
import { BrokerMedium } from './broker-medium.js'
import { type KeyOptions, keyringFor } from './keyring.js'
import { leafOf } from './leaf.js'

/** The options of `redis` and `nats`. */
export interface BrokerOptions extends KeyOptions {
  /** What the subjects of this bus begin with: those of one prefix find each other. `troupe` unless given. */
  readonly prefix?: string
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
  checkOptions(name, options, ['prefix', 'key', 'leaf'])
  const { prefix = 'troupe' } = options
  if (typeof prefix !== 'string' || !subjects.prefix.test(prefix))
    throw new ActorError('malformed', `the prefix of ${name} must be ${rule}, not ${given(prefix)}`)
  const keyring = keyringFor(options)
  const subject = (...parts: readonly string[]): string => [prefix, ...parts].join(separator)
  return bus(
    async (member, frame, signal) => {
      const medium = new BrokerMedium({
        name: `${name} '${prefix}'`,
        member,
        prefix: subject(''),
        all: subject('all'),
        leaves: subject('leaves'),
        // A server can let a user subscribe to those of one leaf only.
        subjectOf: (id) => {
          const leaf = leafOf(id)
          return leaf ? subject('leaf', leaf.name, id) : subject('to', id)
        },
        keyring: await keyring(member),
        frame,
      })
      medium.begin(await open(medium.listener, signal))
      return medium
    },
    { returns: true, paces: paced },
  )
}
