import type { Peer } from 'troupe'
import { element } from '../element.js'

/** Milliseconds between two looks at the clock. */
const TICK = 100

const TEXTS = { open: 'Open', reconnecting: 'Reconnecting', closed: 'Closed' } as const

/** Shows the state of a peer, and counts down to the next attempt to connect. */
export class StatusLine {
  readonly #state = element('state')
  readonly #details = element('state-details')
  readonly #panel = element('connection')
  #timer: ReturnType<typeof setInterval> | undefined

  /** `log` gets the state, and each change, as a text. */
  constructor(peer: Peer, log: (text: string) => void) {
    this.#show(peer.state)
    log(`${TEXTS[peer.state]}.`)
    peer.on('state', (state, { attempt, retryIn = 0, reason }) => {
      this.#show(state)
      if (state === 'reconnecting' && attempt) {
        this.#countDown(attempt, performance.now() + retryIn)
        log(`Reconnecting: attempt ${attempt} ${delay(retryIn)}.`)
      } else log(state === 'closed' ? `Closed: ${reason?.code}.` : `${TEXTS[state]}.`)
    })
  }

  #show(state: keyof typeof TEXTS): void {
    clearInterval(this.#timer)
    this.#details.textContent = ''
    // It is read out whenever it is set.
    if (this.#state.textContent !== TEXTS[state]) this.#state.textContent = TEXTS[state]
    this.#panel.dataset['state'] = state === 'open' ? 'up' : 'down'
  }

  #countDown(attempt: number, at: number): void {
    const tick = (): void => {
      const left = at - performance.now()
      this.#details.textContent = `· attempt ${attempt} ${delay(left)}`
    }
    tick()
    this.#timer = setInterval(tick, TICK)
  }
}

const delay = (ms: number): string => (ms < 5 ? 'now' : `in ${(ms / 1_000).toFixed(ms < 100 ? 2 : 1)} s`)
