import { onAbort } from '../ground/abort.js'

/**
 * For a handler that is about to return something: it is taken back if the caller gives up before it has it. Throws the
 * signal's reason where the caller has given up already.
 */
export function handOver(signal: AbortSignal, takeBack: () => void): void {
  if (!signal.aborted) return void onAbort(signal, takeBack)
  takeBack()
  throw signal.reason
}
