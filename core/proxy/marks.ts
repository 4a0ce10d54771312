/** Marks of other libraries that mean what `reference` means; none unless an entry of ours that knows one is imported. */
let marks: readonly symbol[] | undefined

export function honourMark(mark: symbol): void {
  if (!marks?.includes(mark)) marks = [...(marks ?? []), mark]
}

/** Strictly: anything else under that symbol is no mark. */
export const isMarked = (value: object): boolean =>
  marks !== undefined && marks.some((mark) => (value as Record<symbol, unknown>)[mark] === true)
