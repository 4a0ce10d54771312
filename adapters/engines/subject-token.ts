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

/** The text that a token stands for. */
export const textOfToken = (token: string): string =>
  token === '=' ? '' : token.replace(/=(....)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
