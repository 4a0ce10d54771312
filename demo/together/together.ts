import { ActorError, ask, Dispatcher } from 'troupe'
import { leadership, singleton } from 'troupe/singleton'
import { Board, type News } from './board.js'
import type { Edit } from './card.js'
import { claimTab } from './tab.js'

/** Milliseconds between two attempts at what failed. */
const PAUSE = 250

export const tab = await claimTab()

// The others read from the id of the leader which tab it is.
const dispatcher = new Dispatcher({ id: `tab-${tab.number}-${crypto.randomUUID()}` })

/** The board, in whichever tab it is. Another one takes over from a tab that is silent for 2 seconds. */
export const joined = singleton(dispatcher, Board, { name: 'board', lease: 2_000 })

/** The news of the board, without end. The next leader tells them from the start. */
export async function* follow(): AsyncGenerator<News> {
  const board = await joined
  while (leadership(board).state !== 'ended') {
    try {
      for await (const news of ask(board, { timeout: Infinity }).follow(tab.id)) yield news
    } catch (error) {
      if (!(error instanceof ActorError)) throw error
    }
    await ready()
  }
}

/**
 * Sends an edit until it is stored. `failed` is told of each attempt that fails: whether that one was stored does not matter,
 * since the board knows the key of an edit that it has.
 */
export async function deliver(edit: Edit, failed: (error: ActorError) => void): Promise<void> {
  const board = await joined
  for (;;) {
    try {
      return await ask(board, { key: edit.key }).edit(edit)
    } catch (error) {
      if (!(error instanceof ActorError) || leadership(board).state === 'ended') throw error
      failed(error)
    }
    await ready()
  }
}

/** After a pause, when a tab leads. */
async function ready(): Promise<void> {
  const board = await joined
  await new Promise((resolve) => setTimeout(resolve, PAUSE))
  if (leadership(board).state !== 'waiting') return
  await new Promise<void>((resolve) => {
    const off = leadership(board).on('state', (state) => {
      if (state === 'waiting') return
      off()
      resolve()
    })
  })
}
