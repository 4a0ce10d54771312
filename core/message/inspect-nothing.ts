/** Browsers show a proxy without a call of it. */
export const showInNode = (_prototype: object): void => {}
