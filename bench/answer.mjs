/** The far side of calls by hand: runs the message and posts the result if one is awaited. */
export function answer(target, { id, method, args }, post) {
  const result = target[method](...args)
  if (id !== undefined) post({ id, result })
}
