import { driven } from '../driven.mjs'
import { turn } from '../turn.mjs'
import { connected } from './connected.mjs'

/** Calls go the new way once the two know each other, and nothing is left that goes by the broker. */
export async function open() {
  const { dispatcher, broker } = await connected()
  const adder = await broker.take()
  const isDirect = () => dispatcher.peers.length === 2 && dispatcher.info().peers.every(({ pending }) => pending === 0)
  while (!isDirect()) await turn()
  return driven(adder, () => dispatcher.close())
}
