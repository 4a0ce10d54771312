import { expose, proxy, transfer } from 'comlink'

/** What users of Comlink write in a worker; nothing here is of the kit. */
export class Mill {
  grinds = 0

  grind(grain: number): number {
    this.grinds++
    return grain / 2
  }

  async each(list: number[], progress: (n: number) => Promise<number>): Promise<number[]> {
    const heard: number[] = []
    for (const n of list) heard.push(await progress(n))
    return heard
  }

  flour(size: number): ArrayBuffer {
    const buffer = new ArrayBuffer(size)
    return transfer(buffer, [buffer])
  }

  stone(): { turn(): number } {
    let turns = 0
    return proxy({ turn: () => ++turns })
  }

  breaks(): number {
    throw new TypeError('the stone is broken')
  }

  hang(): Promise<void> {
    return new Promise(() => {})
  }

  close(): void {
    self.close()
  }
}

expose(new Mill())
