import type { PoolInfo, PoolWorkerInfo } from 'troupe/pool'
import { element } from '../element.js'
import { count, time } from './format.js'
import { colourOf } from './worker-colours.js'

/** Shows what a pool says of itself. */
export class PoolView {
  readonly #list = element('worker-list')
  readonly #stats = element('stats')
  readonly #values = new Map<string, HTMLElement>()

  show(info: PoolInfo): void {
    this.#show(info.workers)
    const { waiting, running, utilisation, wait, run } = info
    this.#set('Tiles running', count(running))
    this.#set('Tiles waiting', count(waiting))
    this.#set('Busy so far', `${Math.round(100 * utilisation)} %`)
    this.#set('Waited, p50 / p99', `${time(wait.p50)} / ${time(wait.p99)}`)
    this.#set('Ran, p50 / p99', `${time(run.p50)} / ${time(run.p99)}`)
  }

  #show(workers: readonly PoolWorkerInfo[]): void {
    while (this.#list.childElementCount > workers.length) this.#list.lastElementChild!.remove()
    for (const [n, { id, state, handled }] of workers.entries()) {
      const line = (this.#list.children[n] as HTMLElement | undefined) ?? this.#list.appendChild(newLine())
      line.dataset['state'] = state
      line.style.setProperty('--worker', colourOf(id))
      const [name, how, tiles] = line.children
      name!.textContent = `Worker ${id}`
      how!.textContent = state
      tiles!.textContent = `${count(handled)} tiles`
    }
  }

  #set(name: string, value: string): void {
    let place = this.#values.get(name)
    if (!place) {
      this.#stats.appendChild(document.createElement('dt')).textContent = name
      place = this.#stats.appendChild(document.createElement('dd'))
      this.#values.set(name, place)
    }
    place.textContent = value
  }
}

function newLine(): HTMLElement {
  const line = document.createElement('li')
  for (let n = 0; n < 3; n++) line.append(document.createElement('span'))
  return line
}
