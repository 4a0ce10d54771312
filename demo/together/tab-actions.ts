import { element } from '../element.js'

const HANG = 5_000
/** Milliseconds after which a page that was to be closed is not. */
const CLOSED = 500

/** The buttons that close this tab, and let it hang. */
export function listen(log: (text: string) => void): void {
  element('close').addEventListener('click', () => {
    window.close()
    setTimeout(() => log('This browser does not let a page close this tab. Close it yourself.'), CLOSED)
  })
  element('hang').addEventListener('click', () => {
    log('This tab hangs for 5 seconds.')
    // It is seen before.
    requestAnimationFrame(() => setTimeout(hang))
  })
}

function hang(): void {
  const end = performance.now() + HANG
  while (performance.now() < end);
}
