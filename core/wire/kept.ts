declare const structuredClone: <T>(value: T, options: { transfer: readonly object[] }) => T

/** Values of the platform, and what moves with them, as they were at a call that waits. */
export interface Kept<T> {
  readonly values: T
  readonly transfer: object[]
}

/** Copies or moves them now; what was moved can move once more. Throws what the platform's clone throws. */
export const keep = <T>(values: T, transfer: object[]): Kept<T> => structuredClone({ values, transfer }, { transfer })
