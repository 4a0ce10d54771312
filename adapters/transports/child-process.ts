import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import {
  type Actors,
  ActorError,
  bytes,
  Channel,
  type Connector,
  type HostOptions,
  hostOn,
  returning,
  single,
  type Transport,
} from '../../core/adapter.js'
import { afterTurn } from '../base/after-turn.js'
import { given, has } from '../base/given.js'
import { fileOf, startFailed } from '../base/start-failed.js'

/* oxlint-disable typescript/no-explicit-any -- one shape for a ChildProcess and for the child's own process. */
/** The part of a `ChildProcess` (or of `process` in the child) that is used. */
export interface ProcessLike {
  send?(message: any, handle: any, options: any, callback: (error: Error | null) => void): boolean
  on(event: any, listener: any): unknown
  readonly connected?: boolean
  readonly exitCode?: any
  readonly signalCode?: string | null
  disconnect?(): void
  kill?(signal?: any): boolean
  ref?(): void
  unref?(): void
  readonly channel?: { ref?(): void; unref?(): void } | null | undefined
}
/* oxlint-enable typescript/no-explicit-any */

/**
 * Links with a forked process whose file calls `host`.
 *
 * Takes a function that returns a `ChildProcess`, made by `fork`: closing the link ends the process, and one that died
 * is started again. Or takes a `ChildProcess`, which is neither ended nor started again. Returns what `connect` takes,
 * which rejects with `start-failed` if the process does not start.
 */
export function childProcess(source: ProcessLike | (() => ProcessLike)): Connector {
  return { returns: typeof source === 'function' && returning, file: fileOf(source), open: () => open(source) }
}

/**
 * Offers actors to the process that forked this one. Call it once, in the child's file.
 *
 * Takes classes that it may spawn, and objects that are running actors, by key. Returns them. Throws `no-worker` in a
 * process that was not forked.
 */
export function host<A extends Actors>(actors: A, options: HostOptions = {}): A {
  if (!process.send) throw new ActorError('no-worker', 'host() was called in a process that was not forked')
  const parent = process as ProcessLike
  let isLinked = true
  const transport = new ProcessTransport(parent, () => {
    isLinked = false
    leave(parent)
  })
  const orphaned = new Promise<void>((resolve) => {
    process.on('disconnect', () => {
      // One that closed its link and left lets this process live.
      if (isLinked) resolve()
      transport.fail(new ActorError('unreachable', 'the parent process is gone'))
    })
  })
  const end = { leave: () => afterTurn(() => afterAll(parent, () => process.exit())), orphaned }
  return hostOn(single(transport), actors, options, end)
}

function open(source: ProcessLike | (() => ProcessLike)): Transport {
  const owned = typeof source === 'function'
  let child: ProcessLike
  try {
    child = owned ? source() : source
  } catch (error) {
    throw startFailed(source, error)
  }
  if (!has(child, 'send', 'on'))
    throw new ActorError(
      'malformed',
      "childProcess takes a forked ChildProcess, or a function that returns one, such as () => fork('./actors.js'), " +
        `not ${given(child)}${has(child, 'kill') ? ' without a channel' : ''}`,
    )
  const { exitCode, signalCode, connected } = child
  const hasEnded = (exitCode ?? signalCode ?? undefined) !== undefined
  if (hasEnded || connected === false) {
    const what = hasEnded ? `ended with ${signalCode ?? `code ${exitCode}`}` : 'closed its channel'
    if (!owned) throw new ActorError('unreachable', `the child process ${what}`)
    if (!hasEnded) kill(child)
    throw startFailed(source, undefined, `it ${what} before it was linked`)
  }
  let isRunning = true
  const transport = new ProcessTransport(child, () => {
    if (!owned) leave(child)
    else if (isRunning) kill(child)
  })
  const gone = (what: string, cause?: unknown): void =>
    transport.fail(
      transport.heard || !owned
        ? new ActorError('unreachable', `the child process ${what}`, { cause })
        : startFailed(source, cause, `it ${what} before it called host()`),
    )
  child.on('error', (error: unknown) => gone('failed', error))
  child.on('exit', (code: number | null, signal: string | null) => {
    isRunning = false
    gone(`ended with ${signal ?? `code ${code}`}`)
  })
  // A channel closes before the exit that says why; one that closes without is told after a moment.
  child.on('disconnect', () => setTimeout(() => gone('closed its channel'), LAST_WORDS).unref())
  transport.hold(false)
  return transport
}

/** Closes the channel when all has left. Closing a channel that is closed is an error in Node. */
function leave(process: ProcessLike): void {
  afterAll(process, () => process.connected && process.disconnect?.())
}

/** Calls `fn` when all that was sent has left, or can't leave any more. */
function afterAll(process: ProcessLike, fn: () => void): void {
  if (process.connected) process.send?.(OURS, undefined, {}, fn)
  else fn()
}

/** One that handles the signal itself, and does not end, is killed. */
function kill(child: ProcessLike): void {
  child.kill?.()
  const timer = setTimeout(() => child.kill?.('SIGKILL'), LAST_CHANCE)
  child.on('exit', () => clearTimeout(timer))
}

/** Milliseconds that a process has to end after SIGTERM. */
const LAST_CHANCE = 1_000

/** Milliseconds between the end of a channel and that of its process. */
const LAST_WORDS = 100

/** Marks what is ours among the messages that the two processes may exchange besides. */
const OURS = 'troupe:'

/** Bytes over the channel of a fork, as text: it passes whatever way of serialising the fork was given. */
class ProcessTransport extends Channel {
  readonly traits = {
    payload: 'bytes',
    transfer: false,
    ordered: true,
    topology: 'pair',
    trusted: true,
    heartbeat: false,
  } as const
  readonly codec = bytes
  /** Whether the other side has said anything. */
  heard = false
  readonly #process: ProcessLike
  readonly #end: () => void

  constructor(process: ProcessLike, end: () => void) {
    super()
    this.#process = process
    this.#end = end
  }

  override receive(listener: (data: unknown) => void): void {
    super.receive(listener)
    this.#process.on('message', (text: unknown) => {
      if (typeof text !== 'string' || !text.startsWith(OURS)) return
      this.heard = true
      this.take(new Uint8Array(Buffer.from(text.slice(OURS.length), 'base64')))
    })
  }

  hold(active: boolean): void {
    const { channel } = this.#process
    if (active) {
      this.#process.ref?.()
      channel?.ref?.()
    } else {
      this.#process.unref?.()
      channel?.unref?.()
    }
  }

  protected post(data: unknown): void {
    const { buffer, byteOffset, byteLength } = data as Uint8Array
    const text = OURS + Buffer.from(buffer, byteOffset, byteLength).toString('base64')
    // A channel that broke is told by the exit or disconnect that follows.
    this.#process.send?.(text, undefined, {}, () => {})
  }

  protected end(): void {
    this.#end()
  }
}
