import type { Proxy } from 'troupe'
import { leadership, type LeadershipState } from 'troupe/singleton'
import { element } from '../element.js'
import type { Board } from './board.js'
import { colourOf } from './colours.js'
import { Pulse } from './pulse.js'

/** Milliseconds between two looks at the clock. */
const TICK = 250
/** Milliseconds of silence that are worth telling. */
const QUIET = 700

/** Shows which tab leads, since when, how often that changed, and how long the board was away. */
export class LeaderPanel {
  readonly #panel = element('leader')
  readonly #text = element('leader-text')
  readonly #details = element('leader-details')
  readonly #since = element('since')
  readonly #moves = element('moves')
  readonly #takeover = element('takeover')
  readonly #me: number
  readonly #log: (text: string) => void
  readonly #onLead: (tab: number | undefined) => void
  #pulse: Pulse | undefined
  #leader: string | undefined
  #state: LeadershipState = 'waiting'
  #count = -1

  /** `me` is the number of this tab. `log` hears of each change, `onLead` which tab leads. */
  constructor(me: number, log: (text: string) => void, onLead: (tab: number | undefined) => void) {
    this.#me = me
    this.#log = log
    this.#onLead = onLead
  }

  watch(board: Proxy<Board>): void {
    this.#pulse = new Pulse(board)
    const lead = leadership(board)
    this.#show(lead.state, lead.leader)
    lead.on('state', (state, { leader, reason }) => this.#show(state, leader, reason?.message))
    setInterval(() => this.#tick(), TICK)
  }

  fail(reason: unknown): void {
    this.#show('ended', undefined, reason instanceof Error ? reason.message : String(reason))
  }

  #show(state: LeadershipState, leader: string | undefined, reason = ''): void {
    this.#state = state
    const isLed = state === 'leading' || state === 'following'
    const number = isLed ? numberOf(leader) : undefined
    this.#onLead(number)
    this.#panel.style.setProperty('--tab', colourOf(number ?? 0))
    if (state === 'waiting') this.#write('No tab leads')
    if (state === 'ended') {
      this.#write('This tab takes part no more')
      this.#log(`This tab takes part no more. ${reason}`)
    }
    if (isLed) {
      this.#write(this.#nameOf(leader))
      if (leader !== this.#leader) this.#moved(leader)
      this.#leader = leader
    }
    this.#tick()
  }

  /** Another tab leads. */
  #moved(leader: string | undefined): void {
    const { silence = 0 } = this.#pulse ?? {}
    const isFirst = this.#leader === undefined
    // A tab that hung does not know how long that was for the others.
    const wasHere = numberOf(this.#leader) === this.#me
    const time = isFirst || wasHere ? '' : seconds(silence)
    this.#moves.textContent = String(++this.#count)
    this.#since.textContent = new Date().toLocaleTimeString('en-GB')
    if (time) this.#takeover.textContent = time
    this.#log(`${this.#nameOf(leader)}${time ? `, after ${time} without an answer` : ''}.`)
  }

  #tick(): void {
    const isLed = this.#state === 'leading' || this.#state === 'following'
    const isQuiet = (this.#pulse?.silence ?? 0) > QUIET
    this.#panel.dataset['state'] = isLed && !isQuiet ? 'up' : 'down'
    this.#details.textContent = this.#news(isQuiet)
  }

  #news(isQuiet: boolean): string {
    const { silence = 0, trip } = this.#pulse ?? {}
    if (this.#state === 'ended') return 'Load the page again'
    if (isQuiet) return `No answer for ${(silence / 1_000).toFixed(1)} s`
    if (this.#state === 'waiting') return 'Edits wait'
    if (this.#state === 'leading') return 'Runs the board here'
    return trip === undefined ? '' : `Answers in ${trip.toFixed(1)} ms`
  }

  /** It is read out whenever it is set. */
  #write(text: string): void {
    if (this.#text.textContent !== text) this.#text.textContent = text
  }

  #nameOf(leader: string | undefined): string {
    const number = numberOf(leader)
    return number === this.#me ? 'This tab leads' : `Tab ${number ?? '?'} leads`
  }
}

/** The number of a tab, from the id of its dispatcher. */
function numberOf(id: string | undefined): number | undefined {
  const [, number] = /^tab-(\d+)-/.exec(id ?? '') ?? []
  return number === undefined ? undefined : Number(number)
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`
