import type { BadWorker } from './pages/bad-workers.js'
import { expect, test } from './test.js'

// The platform tells no URL; it is read in the factory's text, which has none where it is made at run time (the blob).
const CASES: readonly { kind: BadWorker; why: string; url: string }[] = [
  { kind: 'missing', why: 'is not there (404)', url: '/missing.js' },
  { kind: 'broken', why: 'has a syntax error', url: '/broken.js' },
  { kind: 'throwing', why: 'throws at once', url: '/throwing.js' },
  { kind: 'blob', why: 'is a blob, which the policy refuses', url: '' },
  { kind: 'data', why: 'is a data URL, which the policy refuses', url: 'data:text/javascript' },
  { kind: 'foreign', why: 'is of another origin', url: 'http://localhost:1/foreign.js' },
]

for (const { kind, why, url } of CASES) {
  test(`a worker that ${why}: connect says so`, async ({ lab, complaints }) => {
    const refusal = await lab.evaluate((kind) => window.lab.startBadWorker(kind), kind)
    expect(refusal).toMatchObject({ typed: true, code: 'start-failed', ran: 'no' })
    const { message } = refusal as { message: string }
    // The pages are built for production: messages hold names only.
    expect(message).toMatch(/^\[troupe\] start-failed(: |$)/)
    expect(message).toContain(url)
    if (kind === 'blob' || kind === 'data') expect(complaints.policy).toEqual([`worker-src ${kind}`])
  })
}
