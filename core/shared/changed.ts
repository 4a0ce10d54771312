import { onAbort } from '../ground/abort.js'

/** What a function makes of a value. It may take its time. Rejects with the signal's reason if that fires first. */
export function changed<T>(value: T, change: (value: T) => T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const undo = onAbort(signal, () => reject(signal.reason))
    Promise.resolve(change(value)).finally(undo).then(resolve, reject)
  })
}
