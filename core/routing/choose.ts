import { ActorError } from '../ground/errors.js'
import { unawaited } from '../ground/unawaited.js'
import type { Candidate, RoutedCall, Router } from './router.js'

/** The index that a router returns for a call. Throws what the router throws, and `malformed` if it is none. */
export function choose(
  router: Router,
  { method, args }: RoutedCall,
  candidates: readonly Candidate[],
  random: () => number,
): number {
  const index: unknown = router({ method, args }, candidates, random)
  if (typeof index === 'number' && candidates[index]) return index
  // A router that is async by mistake may fail later.
  unawaited(index, () => {})
  throw new ActorError(
    'malformed',
    `the router of ${method}() returned no index of its ${candidates.length} candidates`,
  )
}
