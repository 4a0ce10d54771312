// Core is checked without DOM types: these merge with the platform's own declarations.
declare global {
  interface AbortSignal {
    readonly aborted: boolean
    // oxlint-disable-next-line typescript/no-explicit-any -- as the platform declares it
    readonly reason: any
    addEventListener(type: 'abort', listener: () => void): void
    removeEventListener(type: 'abort', listener: () => void): void
  }
}

declare const AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void }

export type Aborter = { readonly signal: AbortSignal; abort(reason?: unknown): void }

export const aborter = (): Aborter => new AbortController()
