/** What an ActorError says. The build for bundlers has terse-message.ts in place of this: its texts hold names only. */
export const messageOf = (code: string, text: string): string => text || code
