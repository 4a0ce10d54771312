import { turn } from './turn.mjs'

const BURST = 1000

/** Makes `total` calls from `inFlight` loops that each await one call at a time. */
export async function awaiting(call, inFlight, total) {
  let left = total
  const loop = async () => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
}

/** As `awaiting`, for calls that take a callback: each reply makes the next call. */
export const calling = (call, inFlight, total) =>
  new Promise((resolve) => {
    let left = total
    let running = inFlight
    const next = () => {
      if (left-- > 0) call(next)
      else if (--running === 0) resolve()
    }
    for (let loop = 0; loop < inFlight; loop++) next()
  })

/** Sends `total` one-way messages in bursts of 1,000 a turn; done when one final call says that all were handled. */
export async function telling(send, handled, total) {
  const before = await handled()
  for (let left = total; left > 0; left -= BURST) {
    for (let index = Math.min(left, BURST); index > 0; index--) send()
    await turn()
  }
  const arrived = (await handled()) - before
  if (arrived !== total) throw new Error(`${arrived} of ${total} messages were handled`)
}
