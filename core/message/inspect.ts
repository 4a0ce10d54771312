import type { Ref } from './ref.js'

/**
 * What Node's `console.log` shows of a proxy, on which it calls this: inspecting must not send messages. The build for bundlers
 * has inspect-nothing.ts in place of this.
 */
export function showInNode(prototype: Ref): void {
  const value = function (this: Ref): string {
    return String(this)
  }
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), { value })
}
