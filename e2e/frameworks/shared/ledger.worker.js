import { host } from 'troupe/web-worker'
import { Ledger } from './ledger.js'

export const actors = host({ Ledger })
