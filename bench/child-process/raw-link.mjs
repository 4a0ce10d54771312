import { fork } from 'node:child_process'

/** A forked process that is called by hand. */
export const connectWith = (options) => (receive) => {
  const child = fork(new URL('raw-child.mjs', import.meta.url), options)
  child.on('message', receive)
  return { post: (message) => child.send(message), close: () => child.disconnect() }
}
