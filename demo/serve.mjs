import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bundle = new URL('./dist/server/serve.js', import.meta.url)
/** None that a development server of a front end usually has. */
const FIRST = 8642
const root = fileURLToPath(new URL('./dist/page', import.meta.url))

if (!existsSync(bundle)) fail('the demo is not built yet: run `npm run build` first')
const { serve } = await import(bundle.href)

const { PORT } = process.env
try {
  console.log(`Troupe's demo is at ${await (PORT ? serve(root, portFrom(PORT)) : serveSomewhere())}`)
} catch (error) {
  fail(
    error.code === 'EADDRINUSE' ? `port ${error.port} is taken: choose another with PORT=…, or PORT=0 for any` : error,
  )
}

/** At the first port of a few that is free. */
async function serveSomewhere() {
  for (let port = FIRST; ; port++) {
    try {
      return await serve(root, port)
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || port === FIRST + 9) throw error
      console.log(`Port ${port} is taken; trying the next one.`)
    }
  }
}

function portFrom(text) {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`PORT is no port: ${text}`)
  return port
}

function fail(reason) {
  console.error(reason)
  process.exit(1)
}
