/** Bytes of the buffer that is moved to and fro. */
const SIZE = 1024 * 1024
/** So many buffers on their way. */
export const IN_FLIGHT = [1, 8]

/** Passes `total` buffers from `inFlight` loops; `pass(buffer, back)` calls `back` with the buffer when it has come back. */
export const passing = (pass, inFlight, total) =>
  new Promise((resolve) => {
    let left = total
    let running = inFlight
    const next = (buffer) => {
      if (left-- > 0) pass(buffer, next)
      else if (--running === 0) resolve()
    }
    for (let loop = 0; loop < inFlight; loop++) next(new ArrayBuffer(SIZE))
  })

/** As `passing`, for what promises the buffer. */
export async function bouncing(bounce, inFlight, total) {
  let left = total
  const loop = async () => {
    let buffer = new ArrayBuffer(SIZE)
    while (left-- > 0) buffer = await bounce(buffer)
    if (buffer.byteLength !== SIZE) throw new Error('the buffer did not come back')
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
}

/** By hand: one post for each buffer, and a callback for each reply. */
export function byHand(post) {
  const waiting = new Map()
  let last = 0
  const pass = (buffer, back) => {
    waiting.set(++last, back)
    post({ id: last, method: 'bounce', args: [buffer] }, [buffer])
  }
  const receive = ({ id, result }) => {
    const back = waiting.get(id)
    waiting.delete(id)
    back(result)
  }
  return { pass, receive }
}
