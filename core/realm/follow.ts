import type { Env, Followed } from '../ground/env.js'
import type { Message } from '../message/message.js'

interface Platform {
  process?: {
    getBuiltinModule?(name: 'node:async_hooks'): { readonly AsyncLocalStorage: new () => Followed } | undefined
  }
}

/** What the platform has to follow awaits with; undefined for nothing. */
function platformFollows(): Followed | undefined {
  const hooks = (globalThis as Platform).process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage()
}

/**
 * From now on the message whose handler is running is known after an `await`, too, for as long as it is handled. Where the
 * platform cannot follow what is awaited, nothing changes. The build for bundlers has follow-nothing.ts in place of this.
 */
export function followAwaits(realm: { current: Message | undefined; readonly env: Env }): void {
  const { env } = realm
  const followed = env.follow ? env.follow() : platformFollows()
  if (!followed) return
  Object.defineProperty(realm, 'current', {
    get() {
      const message = followed.getStore() as Message | undefined
      return message?.isHandled ? message : undefined
    },
    set(message: Message | undefined) {
      followed.enterWith(message)
    },
  })
}
