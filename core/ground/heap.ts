interface Platform {
  readonly performance: { readonly memory?: { readonly usedJSHeapSize: number } }
  readonly process?: { memoryUsage?(): { readonly heapUsed: number } }
}

/** Bytes of heap in use in this process or page, where the platform tells. */
export function heapUsed(): number | undefined {
  const { performance, process } = globalThis as unknown as Platform
  return performance.memory?.usedJSHeapSize ?? process?.memoryUsage?.().heapUsed
}
