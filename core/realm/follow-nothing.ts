/** Browsers have nothing to follow awaits with. */
export const followAwaits = (_realm: object): void => {}
