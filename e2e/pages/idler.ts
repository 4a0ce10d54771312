import { Actor } from 'troupe'

/** Keeps calls in flight, and ends its realm on demand. */
export class Idler extends Actor {
  /** Never settles while the caller waits; nor do the calls behind it, since one is handled at a time. */
  idle(): Promise<never> {
    const { signal } = this.context
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }

  echo(value: string): string {
    return value
  }

  /** In a worker only. */
  closeRealm(): void {
    self.close()
  }
}
