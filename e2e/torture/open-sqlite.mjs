import { DatabaseSync } from '@photostructure/sqlite'
import { sqlite } from 'troupe/sqlite'

/** A store in a file, on every version of Node. */
export const openSqlite = (file) => sqlite(new DatabaseSync(file))
