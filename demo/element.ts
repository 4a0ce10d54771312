/** The element with an id, which is there. */
export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no element '${id}'`)
  return found as E
}
