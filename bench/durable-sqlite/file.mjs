import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'

/** A database in a file of its own, and how to remove it. */
export function openFile() {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-bench-'))
  const database = new DatabaseSync(join(folder, 'bench.db'))
  const remove = () => {
    database.close()
    rmSync(folder, { recursive: true })
  }
  return { database, remove }
}
