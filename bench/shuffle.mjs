/** A shuffled copy. */
export function shuffle(items) {
  const rest = [...items]
  for (let end = rest.length - 1; end > 0; end--) {
    const pick = Math.floor(Math.random() * (end + 1))
    ;[rest[end], rest[pick]] = [rest[pick], rest[end]]
  }
  return rest
}
