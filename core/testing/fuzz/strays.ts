import { platformEnv } from '../../ground/env.js'

type Listener = (event: unknown) => void

interface Platform {
  readonly process?: { on?(name: string, listener: Listener): void; off(name: string, listener: Listener): void }
  addEventListener?(name: string, listener: Listener): void
  removeEventListener(name: string, listener: Listener): void
}

/** Errors that nobody caught, and rejections that nobody handled, in this realm. */
export class Strays {
  readonly #found: unknown[] = []
  readonly #undo: () => void

  constructor() {
    const found: Listener = (event) => void this.#found.push(event)
    const page = globalThis as unknown as Platform
    const { process } = page
    const names = process?.on ? ['unhandledRejection', 'uncaughtException'] : ['unhandledrejection', 'error']
    for (const name of names)
      if (process?.on) process.on(name, found)
      else page.addEventListener?.(name, found)
    this.#undo = () => {
      for (const name of names)
        if (process?.on) process.off(name, found)
        else page.removeEventListener(name, found)
    }
  }

  /** Those since the last time, in words. Takes a turn: the platform tells of them behind the task that they were in. */
  async taken(): Promise<string[]> {
    for (let turns = 0; turns < 2; turns++) await new Promise<void>((resolve) => platformEnv.defer(resolve))
    return this.#found.splice(0).map((event) => `it was not caught: ${textOf(event)}`)
  }

  end(): void {
    this.#undo()
  }
}

function textOf(event: unknown): string {
  const { reason, error } = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>
  const thrown = reason ?? error ?? event
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}
