/** As `cores`, in the build for bundlers: Node does not use it. */
export const cores = (): number =>
  Math.max(
    1,
    ((globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 4) - 1,
  )
