/** Methods of an actor that it is told by, looked for once for each class. */
export const HOOKS = [
  'onStart',
  'onStop',
  'onRestart',
  'onSettled',
  'onInfo',
  'shouldStart',
  'snapshot',
  'restore',
] as const
export type HookName = (typeof HOOKS)[number]
