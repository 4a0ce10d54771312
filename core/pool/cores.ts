interface Platform {
  navigator?: { readonly hardwareConcurrency?: number }
  process?: {
    getBuiltinModule?(name: 'node:os'): { availableParallelism(): number } | undefined
  }
}

/** Workers that can run at a time: one for each core; in a page one less, since the page itself needs one. */
export function cores(): number {
  const { navigator, process } = globalThis as Platform
  const os = process?.getBuiltinModule?.('node:os')
  return os ? os.availableParallelism() : Math.max(1, (navigator?.hardwareConcurrency ?? 4) - 1)
}
