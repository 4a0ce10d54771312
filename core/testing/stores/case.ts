import type { Store, StoreRecord } from '../../ground/store.js'
import { alike } from '../expect.js'

/** A fresh place for records, such as a file. */
export interface StorePlace {
  /** Another store on the records of this place. */
  open(): Store
  /** Removes the place. Called after each test, with all its stores closed. */
  dispose?(): void | Promise<void>
}

export type StoreCase = readonly [name: string, body: (place: StorePlace) => Promise<void>]

/** What is handed in by code of Node.js often is a Buffer, whose `slice` makes no copy. */
const { Buffer } = globalThis as { readonly Buffer?: { from(bytes: readonly number[]): Uint8Array } }

export const bytes = (...values: number[]): Uint8Array => Buffer?.from(values) ?? Uint8Array.from(values)
export const put = (key: string, ...values: number[]) => ({ key, value: bytes(...values) })
export const remove = (key: string) => ({ key, value: undefined })
/** A record as text: its key and its bytes. */
export const shown = ({ key, value }: StoreRecord): string => `${key} ${value.join()}`

/** Fails the test if there are other records under the prefix, or in another order. */
export async function holds(store: Store, prefix: string, ...records: string[]): Promise<void> {
  alike((await store.read(prefix)).map(shown), records, `records under ${prefix}`)
}
