import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const uri = pathToFileURL(here('./in-an-editor.ts')).href
const text = `import { Actor, Dispatcher } from '../index.js'
class Counter extends Actor {
  increment(by = 1): number {
    return by
  }
}
const counter = await new Dispatcher().spawn(Counter)
await counter.increment()
`
/** Where its method stands in the class, and where it is called. */
const METHOD = { start: { line: 2, character: 2 }, end: { line: 2, character: 11 } }
const CALL = { start: { line: 7, character: 14 }, end: { line: 7, character: 23 } }

interface Reply {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
}

/** Asks the language server of the compiler, one question at a time. */
function languageServer(server: ChildProcess) {
  let id = 0
  let buffer = Buffer.alloc(0)
  let answer: (result: unknown) => void = () => {}
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  server.stdout!.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (let head = buffer.indexOf('\r\n\r\n'); head >= 0; head = buffer.indexOf('\r\n\r\n')) {
      const end = head + 4 + Number(/Content-Length: (\d+)/i.exec(buffer.toString('latin1', 0, head))![1])
      if (buffer.length < end) return
      const reply = JSON.parse(buffer.toString('utf8', head + 4, end)) as Reply
      buffer = buffer.subarray(end)
      // What the server asks of the editor, its settings, is left to the defaults.
      if (reply.method !== undefined && reply.id !== undefined) send({ id: reply.id, result: [null] })
      else if (reply.id === id) answer(reply.result)
    }
  })
  return {
    notify: (method: string, params: object): void => send({ method, params }),
    request: (method: string, params: object): Promise<unknown> =>
      new Promise((resolve) => {
        answer = resolve
        send({ id: ++id, method, params })
      }),
  }
}

test('in an editor, a call of a proxy leads to the method of the class, and is renamed with it', async () => {
  const tsc = here('../../node_modules/typescript/lib/tsc.js')
  const server = spawn(process.execPath, [tsc, '--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  try {
    const { notify, request } = languageServer(server)
    await request('initialize', { processId: null, rootUri: pathToFileURL(here('../..')).href, capabilities: {} })
    notify('initialized', {})
    notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } })
    const textDocument = { uri }
    const found = await request('textDocument/definition', { textDocument, position: CALL.start })
    expect(found).toMatchObject([{ uri, range: METHOD }])
    const renamed = await request('textDocument/rename', { textDocument, position: METHOD.start, newName: 'add' })
    expect(renamed).toMatchObject({ changes: { [uri]: [{ range: METHOD }, { range: CALL }] } })
  } finally {
    server.stdin!.end()
    server.kill()
  }
})
