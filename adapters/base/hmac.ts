/** The HMAC-SHA-256 of a text and of bytes behind it: 32 bytes. */
export type Hmac = (text: string, bytes: Uint8Array) => Uint8Array
