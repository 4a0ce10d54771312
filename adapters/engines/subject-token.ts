import { hmac } from '#hmac'

/**
 * A text as one token of a subject of NATS: letters, digits, `_` and `-` as they are, and any other UTF-16 unit as `=` and
 * four hexadecimal digits.
 */
export const tokenOf = (text: string): string =>
  text === ''
    ? '='
    : Array.from({ length: text.length }, (_, place) => {
        const unit = text[place]!
        return /[\w-]/.test(unit) ? unit : `=${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
      }).join('')

/** The most characters of a token: a server ends the connection of a client that sends a line of more than 4,096. */
const LONGEST = 1_024
const NOTHING = new Uint8Array(0)

/** The same; a digest of a text that makes a longer token. */
export function shortTokenOf(text: string): string {
  const token = tokenOf(text)
  if (token.length <= LONGEST) return token
  const digest = hmac(new TextEncoder().encode('troupe subject'))(text, NOTHING)
  return `==${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** The text that a token stands for. */
export const textOfToken = (token: string): string =>
  token === '=' ? '' : token.replace(/=(....)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
