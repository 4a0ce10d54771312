import { ActorError } from '../../ground/errors.js'

/** One thing that happened in a trial. */
export interface Entry {
  readonly what: 'asked' | 'ran' | 'done' | 'failed' | 'out of order'
  readonly id: string
  /** Of a failed call: what its error says. */
  readonly code?: string | undefined
  readonly ran?: string | undefined
}

const books = new Map<string, Entry[]>()

/** What happened in this realm, by trial. */
export const ledger = {
  /** Differs from realm to realm. */
  id: Math.random(),

  write(trial: string, entry: Entry): void {
    const book = books.get(trial)
    if (book) book.push(entry)
    else books.set(trial, [entry])
  },

  read: (trial: string): readonly Entry[] => books.get(trial) ?? [],

  forget: (trial: string): void => void books.delete(trial),

  /** Makes a call and writes down what came of it. Never rejects; resolves with the error, if there was one. */
  async call(trial: string, id: string, call: () => unknown): Promise<unknown> {
    this.write(trial, { what: 'asked', id })
    try {
      await call()
      this.write(trial, { what: 'done', id })
      return undefined
    } catch (error) {
      const { code, ran } = error instanceof ActorError ? error : { code: undefined, ran: undefined }
      this.write(trial, { what: 'failed', id, code, ran })
      return error
    }
  },
}

/** Whether each call has its outcome. */
export function isSettled(entries: readonly Entry[]): boolean {
  const settled = new Set(entries.filter(({ what }) => what === 'done' || what === 'failed').map(({ id }) => id))
  return entries.every(({ what, id }) => what !== 'asked' || settled.has(id))
}

/** What must not be, in words; nothing if all is well. `isWhole` says that no realm took its entries with it. */
export function judge(entries: readonly Entry[], isWhole: boolean): string[] {
  const faults: string[] = []
  const count = (id: string, ...what: Entry['what'][]): number =>
    entries.filter((entry) => entry.id === id && what.includes(entry.what)).length
  for (const id of new Set(entries.map((entry) => entry.id))) {
    const runs = count(id, 'ran')
    const asked = count(id, 'asked')
    const outcomes = count(id, 'done', 'failed')
    const fail = entries.find((entry) => entry.id === id && entry.what === 'failed')
    if (runs > 1) faults.push(`${id} ran ${runs} times`)
    if (outcomes > 1) faults.push(`${id} was settled ${outcomes} times`)
    if (isWhole && asked > outcomes) faults.push(`${id} was never settled`)
    if (isWhole && runs === 0 && count(id, 'done') > 0) faults.push(`${id} was answered and never ran`)
    if (fail?.ran === 'no' && runs > 0) faults.push(`${id} ran, and its error (${fail.code}) says that it did not`)
    if (count(id, 'out of order') > 0) faults.push(`${id} overtook an earlier message of the same sender`)
  }
  return faults
}
