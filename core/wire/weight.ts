import { Instance } from './kind.js'
import * as Tag from './tag.js'

/** What a value takes of memory when it is read, in units of 16 bytes. Each part of it takes 1, its text is not counted. */
export const WEIGHT: { readonly [tag: number]: number | undefined } = {
  [Tag.Array]: 2,
  [Tag.Object]: 4,
  [Tag.Map]: 7,
  [Tag.Set]: 6,
  [Tag.Date]: 10,
  [Tag.Boxed]: 4,
  [Tag.Buffer]: 12,
  [Tag.View]: 12,
  [Tag.Error]: 12,
  [Tag.Signal]: 40,
  [Instance]: 4,
}

/** So much more than its bytes a payload may weigh: a small one may hold anything. Code: `too-large`. */
export const ALLOWANCE = 65_536
