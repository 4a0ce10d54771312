/** What an ActorError says where its text holds names only, or is the one value that it named. */
export function messageOf(code: string, text: unknown): string {
  const names = String(text).trim()
  return names ? `${code}: ${names}` : code
}
