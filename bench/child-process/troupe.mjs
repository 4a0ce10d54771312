import { fork } from 'node:child_process'
import { Dispatcher } from 'troupe'
import { childProcess } from 'troupe/child-process'
import { driven } from '../driven.mjs'

export async function open() {
  const dispatcher = new Dispatcher()
  const child = await dispatcher.connect(childProcess(() => fork(new URL('troupe-child.mjs', import.meta.url))))
  const adder = await child.spawn('Adder')
  return driven(adder, () => dispatcher.close())
}
