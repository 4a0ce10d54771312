import { Actor } from 'troupe'

/** What Comlink clients call. */
export class Tally extends Actor {
  static readonly concurrency = Infinity
  #count = 0

  add(by: number): number {
    return (this.#count += by)
  }

  async report(progress: (n: number) => Promise<number>, to: number): Promise<number[]> {
    const heard: number[] = []
    for (let n = 1; n <= to; n++) heard.push(await progress(n))
    return heard
  }

  multiplier(by: number): (n: number) => number {
    return (n) => n * by
  }

  fails(): never {
    throw Object.assign(new RangeError('out of range'), { code: 'E_RANGE' })
  }

  hang(): Promise<void> {
    return new Promise(() => {})
  }

  /** In a worker only. */
  closeRealm(): void {
    self.close()
  }
}
