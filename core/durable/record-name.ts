/** The key of a numbered record: keys sort as their numbers do. */
export const nameOfRecord = (kind: 'in' | 'out' | 'done' | 'dead', serial: number): string =>
  `${kind}/${String(serial).padStart(16, '0')}`

/** The number of a record, from its key. */
export const serialOf = (key: string): number => Number(key.slice(key.indexOf('/') + 1))
