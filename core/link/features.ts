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
  const features: Feature[] = []
  if (codec.batch) features.push('batches')
  if (ports && routes.shortcuts) features.push('introductions')
  if (pipelining) features.push('pipelining')
  if (lasting) features.push('resume')
  if (requestHandler.offer.ends) features.push('ends')
  return features
}
