/** A state of about 100 bytes, which is another one for each number. */
export const stateOf = (count) => ({ count, items: ['apple', 'pear', 'plum'], owner: 'somebody', note: 'x'.repeat(30) })
