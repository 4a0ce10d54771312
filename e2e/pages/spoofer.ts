import { heard } from './recorder.js'

/** What tests do in the frame that nobody asked, on `window.spoofer`. */
const spoofer = {
  heard,
  /** Posts what others said to each other, word by word, to the page and to its first frame. */
  post(messages: readonly unknown[]): void {
    for (const message of messages) {
      parent.postMessage(message, '*')
      parent.frames[0]!.postMessage(message, '*')
    }
  },
}

declare global {
  interface Window {
    spoofer: typeof spoofer
  }
}
window.spoofer = spoofer
