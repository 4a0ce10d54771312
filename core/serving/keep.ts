import type { Peers } from '../peers/peers.js'

/** Keeps the end of what was opened; where the dispatcher closed meanwhile it is the end now. Rejects with `stopped`. */
export async function keep(peers: Peers, end: () => Promise<void>): Promise<void> {
  peers.realm.ends.add(end)
  if (!peers.realm.closed) return
  await end()
  peers.checkOpen()
}
