import type { Life } from './life.js'

/** Those that are restarted together with one that failed, in the order in which they were spawned. */
function together(life: Life): Life[] {
  const { parent } = life
  const strategy = parent?.life.options.strategy ?? 'one-for-one'
  if (!parent || strategy === 'one-for-one') return [life]
  const all = Array.from(parent.life.children, (child) => child.life)
  const group = strategy === 'one-for-all' ? all : all.slice(all.indexOf(life))
  return group.filter((each) => each === life || each.isSettled)
}

/** Restarts an actor that failed, and those that its parent's strategy restarts with it: the youngest stops first and starts last. */
export async function restart(life: Life, error: unknown): Promise<void> {
  const obstacle = life.obstacle(error)
  if (obstacle) return life.giveUp(obstacle)
  const wait = life.restarts.next()
  if (wait === undefined) return life.exhausted(error)
  const group = together(life)
  for (const { cell } of group) cell.pause()
  for (const each of group.toReversed()) await each.halt(error)
  for (const each of group) {
    const comesBack = each === life || (each.restart.type !== 'temporary' && !each.obstacle(error))
    if (comesBack) await each.revive(error, each === life ? wait : 0)
    else each.terminate(error)
  }
}
