// What Jest and Vitest report of an app's tests: those called '… fails' fail by an assertion, and all others pass.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './app.mjs'
import { startServer } from './server.mjs'

/** `modes` are the ways to run the tests, each a list of arguments. `origin` is that of the page in jsdom. */
export async function checkRunner({ name, root }, { command, modes, origin }) {
  const server = await startServer(root, origin)
  try {
    for (const mode of modes) {
      const args = [...command, ...mode, '--outputFile=report.json']
      const { output } = await run(process.execPath, args, { cwd: root, env: { SERVER: server.url } })
      const counts = judge(JSON.parse(readFileSync(join(root, 'report.json'), 'utf8')), output)
      console.log(`${name} ${mode.join(' ')}: ${counts.passed} passed, ${counts.failed} failed as they should`)
    }
  } finally {
    await server.kill()
  }
}

function judge({ testResults }, output) {
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  const counts = { passed: 0, failed: 0 }
  for (const { title, status, failureMessages } of results) {
    const expected = title.endsWith(' fails') ? 'failed' : 'passed'
    const said = failureMessages?.join('\n') ?? ''
    assert.equal(status, expected, `${title}: ${said}\n${output}`)
    if (expected === 'failed') assert.match(said, /expect|promise/i, title)
    counts[expected]++
  }
  assert(testResults.length > 1 && counts.passed > 5 && counts.failed > 5, output)
  assert(
    testResults.every(({ assertionResults }) => assertionResults.length > 0),
    output,
  )
  assert.doesNotMatch(output, /unhandled|uncaught/i)
  return counts
}
