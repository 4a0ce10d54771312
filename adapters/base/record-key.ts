/**
 * A key of a record as it is stored: with the escapes of JSON. Some drivers cut a text at a 0 character, and UTF-8 has no
 * bytes for half of a surrogate pair.
 */
export const textOfKey = (key: string): string => JSON.stringify(key).slice(1, -1)

export const keyOfText = (text: string): string => JSON.parse(`"${text}"`) as string

/** What a key begins with, up to the first `/`: for a record of a durable actor, the actor's name. */
export const ownerOf = (key: string): string => key.split('/', 1)[0]!
