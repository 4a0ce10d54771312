// node stream.mjs MEGABYTES SLOW
// A generator of 64 KiB chunks, read at 1 ms a chunk for the first SLOW megabytes and at full speed behind them: what the
// writer has sent and the reader has not taken stays below 1 MiB.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLab, WAYS } from './lab.mjs'

const [megabytes = 128, slow = 8] = process.argv.slice(2).map(Number)
const CHUNK = 64 * 1_024
const A_MEGABYTE = 16
const MOST = 1024 * 1024

for (const way of WAYS) {
  const { peer, lab, close } = await openLab(way)
  let count = 0
  let most = 0
  let start = performance.now()
  for await (const chunk of lab.chunks(megabytes * A_MEGABYTE, CHUNK)) {
    assert(chunk.length === CHUNK && chunk[0] === count % 256 && chunk.at(-1) === chunk[0], `chunk ${count} is another`)
    if (count++ < slow * A_MEGABYTE) {
      await sleep(1)
      if (count === slow * A_MEGABYTE) start = performance.now()
    }
    if (count % 8 === 0) most = Math.max(most, (await peer.info()).peers[0].buffered)
  }
  const seconds = (performance.now() - start) / 1_000
  const rate = Math.round((megabytes - slow) / seconds)
  console.log(
    `${way}: ${count} chunks, ${megabytes} MB; at most ${most} bytes waited at the writer; ${rate} MB/s at speed`,
  )
  assert.equal(count, megabytes * A_MEGABYTE)
  assert(most > 0 && most < MOST, `${most} bytes waited`)
  await close()
}
