import { Dispatcher } from 'troupe'
import { sharedWorker } from 'troupe/shared-worker'

/** A dispatcher of this tab that knows nobody but the SharedWorker, and the broker in it. */
export async function connected() {
  const dispatcher = new Dispatcher()
  await dispatcher.connect(
    sharedWorker(() => new SharedWorker(new URL('broker-worker.mjs', import.meta.url), { type: 'module' })),
  )
  return { dispatcher, broker: await dispatcher.lookup('broker') }
}
