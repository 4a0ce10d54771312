import type { Transport } from '../transport/transport.js'
import type { LinkHome } from './link-home.js'
import type { LinkOptions } from './link-options.js'
import type { Feature } from './session/hello.js'

/** What this side understands beyond what every side does. */
export function featuresOf(
  { routes, pipelining }: LinkHome,
  { codec, ports, lasting }: Transport,
  { requestHandler }: LinkOptions,
): Feature[] {
  const all: Record<Feature, unknown> = {
    batches: codec.batch !== undefined,
    introductions: ports && routes.shortcuts,
    pipelining,
    resume: lasting,
    ends: requestHandler.offer.ends,
  }
  return (Object.keys(all) as Feature[]).filter((feature) => all[feature])
}
