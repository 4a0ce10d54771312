import { Actor } from 'troupe'

/** Keeps calls in flight, and ends its realm on demand. */
export class Idler extends Actor {
  /** Never settles by itself; nor do the calls behind it, since one is handled at a time. */
  idle(): Promise<never> {
    return new Promise(() => {})
  }

  echo(value: string): string {
    return value
  }

  /** In a worker only. */
  closeRealm(): void {
    self.close()
  }
}
