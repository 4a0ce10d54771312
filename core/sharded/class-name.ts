/** What the actors of a class are called unless it is said. */
export const nameOfClass = (actor: { readonly name: string }): string | undefined => actor.name
