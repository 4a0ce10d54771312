import { expect, test } from './test.js'

const MOVES = process.env['TORTURE'] === '1' ? 100 : 12

test(`an actor is moved ${MOVES} times between a tab, its worker and a server under load`, async ({
  page,
  labServer,
}) => {
  test.setTimeout(30_000 + MOVES * 1_000)
  await page.goto(`${labServer.url}moves.html`)
  const { calls, faults, took } = await page.evaluate((count) => window.moves.run(count), MOVES)
  const [median, max] = [took[took.length >> 1]!, took.at(-1)!]
  console.log(
    `${MOVES} moves under ${calls} calls: none lost, none run twice, in order; ` +
      `a move took ${median.toFixed(1)} ms, at most ${max.toFixed(1)} ms`,
  )
  expect(faults).toEqual([])
  expect(calls).toBeGreaterThan(10 * MOVES)
})
