/** Gives an instance the actor that it is the instance of: a method that `Actor` has under this name. */
export const BIND: unique symbol = Symbol('bind')

/** Does nothing for an instance of a class that does not extend `Actor`. */
export const bindInstance = (instance: object, actor: object): void =>
  (instance as { [BIND]?(actor: object): void })[BIND]?.(actor)
