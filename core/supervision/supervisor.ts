import type { Life } from './life.js'

/** Restarts an actor that failed, and those that its parent's strategy restarts with it: a group has one restart at a time. */
export async function restart(life: Life, error: unknown): Promise<void> {
  const { parent, incarnation } = life
  const strategy = parent?.life.options.strategy ?? 'one-for-one'
  if (!parent || strategy === 'one-for-one') return restartAll(life, [life], error)
  if (!life.recovery.isSettled) return
  const { children } = parent.life
  life.actor.pause()
  return children.inTurn(async () => {
    // Another one's restart may have taken it along.
    if (life.incarnation !== incarnation) return
    const all = Array.from(children, (child) => child.life)
    const group = strategy === 'one-for-all' ? all : all.slice(all.indexOf(life))
    await restartAll(life, group, error)
  })
}

/** In the order in which they were spawned: the youngest stops first and starts last. */
async function restartAll({ recovery }: Life, all: readonly Life[], error: unknown): Promise<void> {
  if (!recovery.isSettled) return
  const obstacle = recovery.obstacle(error)
  if (obstacle) return recovery.giveUp(obstacle)
  const wait = recovery.restarts.next()
  if (wait === undefined) return recovery.exhausted(error)
  const group = all.filter((each) => each.recovery.isSettled)
  for (const each of group) each.recovery.claim()
  for (const each of group.toReversed()) await each.recovery.halt(error)
  for (const { recovery: each, ending } of group) {
    const comesBack = each === recovery || (each.policy.type !== 'temporary' && !each.obstacle(error))
    if (comesBack) await each.revive(error, each === recovery ? wait : 0)
    else ending.terminate(error)
  }
}
