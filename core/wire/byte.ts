// One byte says what follows: 00–7f the integer itself, 80–bf a string of that many ASCII characters,
// c0–df a tag, and the rest below.
export const SHORT = 0x80
export const TAG = 0xc0
export const UNDEFINED = 0xe0
export const FALSE = 0xe1
export const TRUE = 0xe2
export const FLOAT = 0xe3
export const INT = 0xe4
export const NEGATIVE = 0xe5
export const UTF8 = 0xe6
export const UTF16 = 0xe7
export const BIGINT = 0xe8
export const BYTES = 0xe9
