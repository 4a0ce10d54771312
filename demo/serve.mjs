import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bundle = new URL('./dist/server/serve.js', import.meta.url)
const root = fileURLToPath(new URL('./dist/page', import.meta.url))

if (!existsSync(bundle)) fail('the demo is not built yet: run `npm run build` first')
const { serve } = await import(bundle.href)

try {
  const url = await serve(root, portFrom(process.env.PORT ?? '5173'))
  console.log(`Troupe's demo is at ${url}`)
} catch (error) {
  fail(
    error.code === 'EADDRINUSE' ? `port ${error.port} is taken: choose another with PORT=…, or PORT=0 for any` : error,
  )
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
