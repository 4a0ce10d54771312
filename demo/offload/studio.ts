import { ActorError } from 'troupe'
import { element } from '../element.js'
import type { Frames } from './frames.js'
import { time } from './format.js'
import type { Job, Renderer } from './job.js'
import { blank, paste, type Pixels } from './pixels.js'
import { workers } from './pool-renderer.js'
import { Progress } from './progress.js'
import type { RunTable } from './run-table.js'
import type { Surface } from './surface.js'
import { colourOf } from './worker-colours.js'

/** Where a job is painted. */
export interface Where {
  readonly name: string
  readonly render: Renderer
}

/** Paints one job at a time: a new one ends the one before. */
export class Studio {
  /** What was painted last, in its full size. */
  painted: Pixels | undefined
  readonly #surface: Surface
  readonly #frames: Frames
  readonly #runs: RunTable
  readonly #cancel = element<HTMLButtonElement>('cancel')
  readonly #longest = element('longest')
  /** By the id of a worker's dispatcher. */
  readonly #colours = new Map<string, string>()
  #current: AbortController | undefined

  constructor(surface: Surface, frames: Frames, runs: RunTable) {
    this.#surface = surface
    this.#frames = frames
    this.#runs = runs
    this.#cancel.addEventListener('click', () => this.cancel())
  }

  cancel(): void {
    this.#current?.abort()
  }

  /** Resolves with whether all tiles were painted. */
  async paint(job: Job, { name, render }: Where): Promise<boolean> {
    this.cancel()
    const controller = (this.#current = new AbortController())
    const { signal } = controller
    const painted = (this.painted = blank(job.size))
    this.#surface.expect(job.size)
    this.#cancel.disabled = false
    const progress = new Progress(job)
    const watch = this.#frames.watch()
    try {
      for await (const done of render(job, signal)) {
        if (signal.aborted) break
        paste(painted, done.tile, done.data)
        this.#surface.put(done, this.#colourFor(done.by))
        progress.add(done.tile)
        this.#longest.textContent = time(watch.longest)
      }
      signal.throwIfAborted()
      // The frame that shows the last tile counts as well.
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const { elapsed: took, speed } = progress
      this.#longest.textContent = time(watch.longest)
      this.#runs.add({ title: job.title, where: name, took, speed, longestFrame: watch.longest })
      progress.end('Done.')
      return true
    } catch (error) {
      if (this.#current === controller) progress.end(signal.aborted ? 'Cancelled.' : failure(error))
      return false
    } finally {
      if (this.#current === controller) {
        this.#surface.unmark()
        this.#cancel.disabled = true
      }
    }
  }

  #colourFor(by: string | undefined): string | undefined {
    if (by === undefined) return undefined
    if (!this.#colours.has(by))
      for (const { id, peer } of workers.info().workers) if (peer) this.#colours.set(peer, colourOf(id))
    return this.#colours.get(by)
  }
}

/** In plain words: why a job ended early. */
function failure(error: unknown): string {
  if (!(error instanceof ActorError)) return `A tile failed: ${String(error)}.`
  return error.code === 'no-worker' ? 'No worker can be started.' : `A tile failed: ${error.code}.`
}
