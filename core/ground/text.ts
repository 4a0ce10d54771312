/**
 * What a peer gave as a text, if it is one, and `most` characters of it. Nothing else that a peer sent may be turned into
 * a string: a graph whose nodes are shared is small in a frame and endless as text.
 */
export const textOf = (value: unknown, most = 64): string =>
  typeof value === 'string' ? value.slice(0, most) : typeof value

/** A text for a log, of which a peer may have written parts: without line breaks and what terminals take for commands. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ')

/** Whether it is undefined or a list of texts. A text in its place has `includes`, too, and would grant each part of it. */
export const areTexts = (value: unknown = []): value is readonly string[] | undefined =>
  Array.isArray(value) && value.every((text) => typeof text === 'string')
