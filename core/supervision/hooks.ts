/** Methods of an actor that it is told by: none of them can be called through a proxy. */
export const HOOKS = ['onStart', 'onStop', 'onRestart', 'onSettled', 'onInfo', 'shouldStart'] as const
/** Together they are hooks, too; one of them alone is a method like any other. */
export const STATE_HOOKS = ['snapshot', 'restore'] as const
export type HookName = (typeof HOOKS)[number] | (typeof STATE_HOOKS)[number]
