/** What a person says. The id is made once, where it is said: sent again, it is still the same message. */
export interface Said {
  readonly id: string
  readonly name: string
  readonly text: string
}

/** What was said, with the number that it has in the room: 1, 2, 3 … */
export interface Message extends Said {
  readonly number: number
}

/** What became of what was said. */
export interface Receipt {
  readonly number: number
  /** Whether it had come before, under the same id. */
  readonly isRepeated: boolean
}

/** Someone in the room. */
export interface Person {
  /** The id of the dispatcher in the person's page. */
  readonly id: string
  readonly name: string
  /** Whether the connection is gone, and may come back. */
  readonly isReconnecting: boolean
}

/** What a person is told: messages that are new, and who is there. */
export interface News {
  /** The id of the room's history. */
  readonly room: string
  readonly messages: readonly Message[]
  readonly people: readonly Person[]
}
