/** A reply of a server that is an error. */
export class Refused extends Error {
  /** Whether the server may have done a part of it. */
  readonly ran: 'no' | 'maybe'
  /** The server's number of the error, if it has one. */
  readonly code: number | undefined

  constructor(text: string, ran: 'no' | 'maybe', cause: unknown, code?: number) {
    super(text, { cause })
    this.ran = ran
    this.code = code
  }
}
