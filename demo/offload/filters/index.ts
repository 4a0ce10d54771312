import { blur } from './blur.js'
import { edges } from './edges.js'
import { oil } from './oil.js'
import { pencil } from './pencil.js'

export const filters = { oil, pencil, edges, blur }

export type FilterName = keyof typeof filters
