/** The element with an id, which is there. */
export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id)
  if (!found) throw new Error(`offload.html has no element '${id}'`)
  return found as E
}
