/** Whether a peer that is no dependency of ours is there to be measured. */
export function isInstalled(name) {
  try {
    return Boolean(import.meta.resolve(name))
  } catch {
    return false
  }
}
