import { ActorError } from '../../ground/errors.js'
import type { Message } from '../../message/message.js'
import { SteppedStream } from '../../message/stepped-stream.js'
import { isOrphan } from '../../message/owner.js'
import type { Exported, Exports } from '../references/exports.js'
import { Flow } from '../streams/flow.js'

/** What a peer may call that is no actor. */
type Invoked = Exclude<Exported, { kind: 'actor' }>
type Stream = Extract<Exported, { kind: 'stream' }>

/** A function runs at once, outside any mailbox; a stream takes one step. */
export function invoke(exports: Exports, index: number, exported: Invoked, message: Message): void {
  const { kind } = exported
  if (kind === 'signal' || message.access) {
    return message.fail(new ActorError('not-exposed', `a ${kind} has nothing of that name to reach`))
  }
  if (kind === 'function' && isOrphan(exported)) {
    return message.fail(new ActorError('released', 'the actor that made the function has ended or begun anew'))
  }
  message.started = true
  const { method, args } = message
  if (kind === 'function') settle(message, () => Reflect.apply(exported.target, undefined, args))
  else if (kind === 'stream') settle(message, () => step(exports, index, exported, message))
  else settle(message, () => exported.end.move(method, args[0]))
}

/** Runs code of the user's and settles the message with what comes of it. */
export function settle(message: Message, work: () => unknown): void {
  try {
    const result = work()
    if (typeof result === 'object' && result !== null && typeof (result as PromiseLike<unknown>).then === 'function') {
      ;(result as PromiseLike<unknown>).then(
        (value) => message.done(value),
        (error: unknown) => message.fail(error),
      )
    } else message.done(result)
  } catch (error) {
    message.fail(error)
  }
}

/** The peer says with each move how many chunks it has. */
async function step(exports: Exports, index: number, exported: Stream, message: Message): Promise<unknown> {
  const { method, args } = message
  if (method !== 'next' && method !== 'return' && method !== 'throw') {
    throw new ActorError('not-exposed', 'a stream has next, return and throw only')
  }
  const [value, arrived] = args
  const flow = (exported.flow ??= new Flow())
  if (typeof arrived === 'number') flow.arrived(arrived)
  const { target } = exported
  const iterator = (exported.iterator ??= target[Symbol.asyncIterator]())
  try {
    const result =
      target instanceof SteppedStream
        ? await target.step(method, value, message)
        : ((await iterator[method]?.(value)) ?? { done: true, value })
    if (result.done) exports.release(index)
    else flow.sent(result.value)
    return { done: result.done === true, value: result.value }
  } catch (error) {
    exports.release(index)
    throw error
  }
}
