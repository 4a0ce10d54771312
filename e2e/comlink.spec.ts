import { expect, test } from './test.js'

for (const where of ['near', 'far'] as const) {
  const place = where === 'near' ? 'in the worker that exposes it' : 'in a worker of that worker'
  test(`a page that knows only Comlink calls an actor ${place}`, async ({ page, labServer }) => {
    await page.goto(`${labServer.url}comlink-client.html`)
    expect(await page.evaluate((where) => window.client.call(where), where)).toMatchObject({
      sum: [2, 5],
      heard: [2, 4, 6],
      multiplied: 12,
      failed: { name: 'RangeError', message: 'out of range', code: 'E_RANGE' },
      refused: { name: 'ActorError', code: 'not-exposed', ran: 'no' },
    })
  })
}

test('a Comlink page gets an answer to 100 calls when the realm of the actor ends', async ({ page, labServer }) => {
  await page.goto(`${labServer.url}comlink-client.html`)
  const answers = await page.evaluate(() => window.client.endFar(100))
  expect(answers).toHaveLength(100)
  for (const answer of answers) expect(answer).toMatchObject({ name: 'ActorError', code: 'unknown', ran: 'maybe' })
})

test('an actor calls a Comlink worker', async ({ page, labServer }) => {
  await page.goto(`${labServer.url}comlink-caller.html`)
  expect(await page.evaluate(() => window.caller.work())).toEqual({
    flour: [2, 3],
    grinds: 2,
    heard: [1, 3],
    seen: 3,
    size: 1_000,
    turns: [1, 2],
    failed: 'TypeError: the stone is broken',
  })
})

test('what a transfer handler of Comlink makes crosses a link of ours', async ({ page, labServer }) => {
  await page.goto(`${labServer.url}comlink-caller.html`)
  expect(await page.evaluate(() => window.caller.pay())).toEqual(['Money', 12])
})

const GONE = { 'unknown maybe': 100, 'unreachable no': 1 }

for (const [what, how, heartbeat] of [
  ['terminate()', 'terminate', undefined],
  ['the disposal of the remote', 'dispose', undefined],
  ['close() in the worker, which nothing tells but the heartbeat,', 'close', 1_000],
  ['the end of the realm behind a port, which nothing tells but the heartbeat,', 'port', 1_000],
] as const) {
  test(`${what} settles 100 calls of a Comlink worker`, async ({ page, labServer }) => {
    await page.goto(`${labServer.url}comlink-caller.html`)
    const ended = page.evaluate(
      ([how, heartbeat]) => window.caller.end(how, 100, heartbeat === undefined ? {} : { heartbeat }),
      [how, heartbeat] as const,
    )
    expect(await ended).toEqual(GONE)
  })
}

test('a worker that cannot be loaded settles its calls', async ({ page, labServer }) => {
  await page.goto(`${labServer.url}comlink-caller.html`)
  expect(await page.evaluate(() => window.caller.callNobody())).toBe('unknown')
})
