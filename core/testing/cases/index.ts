import { calls } from './calls.js'
import { endings } from './endings.js'
import { properties } from './properties.js'
import { references } from './references.js'
import { streams } from './streams.js'
import { values } from './values.js'
import type { Case } from './case.js'

/** What every transport must do for those who use it through proxies. */
export const cases: readonly Case[] = [...calls, ...values, ...references, ...properties, ...streams, ...endings]
