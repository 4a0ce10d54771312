import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

/** Sends a view of memory that was moved, and names two classes alike, as minifiers do. */
const SOURCE = `
  import { Actor, Dispatcher } from 'troupe'
  import { memory } from 'troupe/memory'
  import { sharded } from 'troupe/sharded'
  class Kit extends Actor {
    typeOf(value) {
      return typeof value
    }
  }
  globalThis.outcomes = (async () => {
    const [near, far] = memory()
    const [dispatcher, other] = [new Dispatcher(), new Dispatcher()]
    await other.listen(far, { actors: { Kit } })
    const kit = await (await dispatcher.connect(near)).spawn('Kit')
    const view = new Uint8Array(8)
    structuredClone(view.buffer, { transfer: [view.buffer] })
    const moved = await kit.typeOf({ a: view }).catch(String)
    let unnamed
    try {
      sharded(dispatcher, Kit)
    } catch (error) {
      unnamed = String(error)
    }
    const named = sharded(dispatcher, Kit, { name: 'Kit' }).name
    await Promise.all([dispatcher.close(), other.close()])
    return { moved, unnamed, named }
  })()
`
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
/** In a folder of the package: it finds `troupe` in the package.json above it. */
const file = here('../.cache/bundlers/page.js')
/** Prints what a bundler makes of the file. */
const BUNDLE = `
  import { BUNDLERS } from ${JSON.stringify(new URL('../.ci/bundlers.mjs', import.meta.url))}
  const [name, file] = process.argv.slice(1)
  console.log((await BUNDLERS[name](file)).code)
`
// Under the environment of tests, Vite takes the files for development.
const { NODE_ENV: _, ...env } = process.env

describe.each(['vite', 'esbuild', 'webpack', 'rspack'])('a bundle for production by %s', (bundler) => {
  test('says what cannot be sent, and wants the name of sharded actors', { timeout: 60_000 }, async () => {
    mkdirSync(here('../.cache/bundlers'), { recursive: true })
    writeFileSync(file, SOURCE)
    const args = ['--input-type=module', '-e', BUNDLE, bundler, file]
    const { stdout: code } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 2 ** 24 })
    await import(`data:text/javascript,${encodeURIComponent(code)}`)
    const { outcomes } = globalThis as unknown as { outcomes: Promise<unknown> }
    expect(await outcomes).toEqual({
      moved: expect.stringMatching(/uncloneable: .*typeOf.* \.a$/) as string,
      unnamed: expect.stringMatching(/malformed: name$/) as string,
      named: 'Kit',
    })
  })
})
