// What is shared with Comlink, as a page that has it sees it; compiled, never run.
import { type Remote, releaseProxy, windowEndpoint } from 'comlink'
import { actor, Dispatcher } from 'troupe'
import { type ComlinkRemote, exposeToComlink, fromComlink } from 'troupe/comlink'

class Clock {
  #ticks = 0
  tick(by: number) {
    return (this.#ticks += by)
  }
}

const dispatcher = new Dispatcher()
const clock = await dispatcher.spawn(actor(Clock))
using exposure = exposeToComlink(clock, new MessageChannel().port1)
exposeToComlink(clock, self)
exposeToComlink(clock, windowEndpoint(parent), { origins: ['https://example.org'] }).close()

const worker = new Worker(new URL('./page.worker.js', import.meta.url), { type: 'module' })
using remote: ComlinkRemote<Clock> = fromComlink<Clock>(worker, { timeout: 500, heartbeat: Infinity })
const ticks: number = await remote.tick(1)
const plain: Remote<Clock> = remote
remote[releaseProxy]()

// @ts-expect-error a wrong argument
await remote.tick('1')
// @ts-expect-error no such method
await remote.tock()
// @ts-expect-error only proxies of actors are exposed
exposeToComlink({ tick: () => 1 }, worker)
// @ts-expect-error nothing to post to
fromComlink<Clock>({})

export const all = [exposure, ticks, plain]
