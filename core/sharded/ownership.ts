/** A number of 32 bits, spread evenly also where texts differ by one character. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let place = 0; place < text.length; place++) sum = Math.imul(sum ^ text.charCodeAt(place), 0x01000193)
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b)
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35)
  return (sum ^ (sum >>> 16)) >>> 0
}

/**
 * Which of the realms owns a key; undefined where there are none. All that know the same realms find the same one. When a
 * realm comes or goes, only keys that it gets or had change their owner.
 */
export function ownerOf(key: string, realms: Iterable<string>): string | undefined {
  let owner: string | undefined
  let most = -1
  for (const realm of realms) {
    const weight = hash(`${realm}/${key}`)
    if (weight > most || (weight === most && realm < owner!)) {
      owner = realm
      most = weight
    }
  }
  return owner
}
