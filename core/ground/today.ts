import type { Env } from './env.js'

/** The date in ms since 1970: that of `env`, or of the platform. */
export function today(env: Env): number {
  const { Date: platform } = globalThis as unknown as { readonly Date: { now(): number } }
  return Math.floor(env.date?.() ?? platform.now())
}
