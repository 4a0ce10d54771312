import { ActorError } from '../ground/errors.js'
import type { Limits } from '../ground/limits.js'
import { textOf } from '../ground/text.js'
import type { Owner } from '../message/owner.js'
import { goesByReference, isActor } from './by-reference.js'
import type { Exporter } from './exporter.js'
import { classNameOf, isDetached, isShared, pathOf } from './describe.js'
import { takeTransfer } from './transfer.js'
import type { AnyTag, Sink } from './codec.js'
import { classOf, fieldOf, keysOf } from './error-class.js'
import { handling } from './handling.js'
import { Events, Instance, type Kind, kindOf } from './kind.js'
import { Seen } from './seen.js'
import { isCloneable } from './cloneable.js'
import * as Tag from './tag.js'
import { Views } from './views.js'
import { WEIGHT } from './weight.js'

/** Walks the values of one frame and writes them as structured clone would copy them. */
export class Encoder {
  readonly #exporter: Exporter
  readonly #trusted: boolean
  readonly #movedWith: (value: object) => readonly object[] | undefined
  /** Where the frame goes that is being written. */
  sink!: Sink
  /** What is taken at most; what the peer announced, once it did. */
  limits: Limits
  #depth = 0
  #nodes = 0
  /** What the frame weighs, beside its texts. */
  weight = 0
  /** How many errors what is being written is part of. */
  #errors = 0
  readonly #seen = new Seen()
  readonly #views = new Views()
  /** What the frame moves. */
  moving: readonly object[] | undefined
  readonly #path: (string | number)[] = []
  /** How many of them lead to where we are. */
  #steps = 0

  /** Stacks and shared memory are for trusted peers only. `movedWith` tells what moves with a value. */
  constructor(exporter: Exporter, limits: Limits, trusted: boolean, movedWith = takeTransfer) {
    this.#movedWith = movedWith
    this.#exporter = exporter
    this.limits = limits
    this.#trusted = trusted
  }

  /** A frame begins: identity is shared among the values of one frame. */
  begin(sink: Sink, owner?: Owner): void {
    this.sink = sink
    this.#exporter.begin?.(owner)
    this.#depth = this.#steps = this.#nodes = this.weight = 0
    this.#seen.clear()
    this.#views.clear()
    this.moving = undefined
  }

  undo(): void {
    this.#exporter.undo?.()
  }

  /** Throws `uncloneable`, `too-deep` or `too-large`, naming the path in the value. */
  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.sink.string(value)
      case 'number':
        return this.sink.number(value)
      case 'object':
      case 'function':
        if (value === null) return this.sink.tag(Tag.Null)
        return this.#object(value)
      case 'symbol':
        throw this.refusal('uncloneable', `a ${typeof value} cannot be sent`)
      default:
        return this.sink.primitive(value as undefined | boolean | bigint)
    }
  }

  #object(value: object): void {
    const handled = handling?.find(value)
    const kind = kindOf(value)
    if (!handled) {
      if (this.#errors > 0 && goesByReference(value) && !isActor(value)) throw this.#stays(value)
      if (this.#exporter.export(value, kind, this)) return
    }
    if (this.#same(value)) return
    if (++this.#depth > this.limits.depth)
      throw this.refusal('too-deep', `the value is nested deeper than the limit 'depth' of ${this.limits.depth}`)
    if (handled) handled(this)
    else this.#copy(kind, value)
    this.#depth--
    this.#steps = this.#depth
  }

  /** What moves with what is being written. */
  move(parts: readonly object[]): void {
    for (const part of parts) this.sink.transfer(part)
    this.moving = [...(this.moving ?? []), ...parts]
  }

  #copy(kind: Kind | undefined, value: object): void {
    const moved = kind && this.#movedWith(value)
    if (moved) this.move(moved)
    this.weight += (kind && WEIGHT[kind]) ?? 0
    switch (kind) {
      case Tag.Array:
        return this.#array(value as unknown[])
      case Tag.Object:
        return this.#record(value, Object.keys(value))
      case Instance:
        return this.#instance(value)
      case Tag.Map: {
        const entries = [...(value as Map<unknown, unknown>)]
        this.#head(Tag.Map, entries.length)
        return entries.forEach(([key, item], index) => {
          const step = typeof key === 'object' || typeof key === 'function' ? index : String(key as string)
          this.at(step, key)
          this.at(step, item)
        })
      }
      case Tag.Set: {
        const items = [...(value as Set<unknown>)]
        this.#head(Tag.Set, items.length)
        return items.forEach((item, index) => this.at(index, item))
      }
      case Tag.Date:
        return this.#head(Tag.Date, (value as Date).getTime())
      case Tag.Error:
        return this.#error(value as Error)
      case Tag.Boxed:
        this.sink.tag(Tag.Boxed)
        return this.value(value.valueOf())
      case Tag.Buffer:
      case Tag.View:
        return this.#memory(value as ArrayBuffer | ArrayBufferView)
      case Tag.Platform:
      case Events:
        return this.#platform(value)
      default:
        throw this.#stays(value)
    }
  }

  #array(value: unknown[]): void {
    const { length } = value
    this.#head(Tag.Array, length)
    for (let index = 0; index < length; index++) {
      if (!(index in value)) return this.#sparse(value, index, length)
      this.at(index, value[index])
    }
  }

  /** The rest of an array from its first hole on: takes as long as there are elements, however long it is. */
  #sparse(value: unknown[], from: number, length: number): void {
    let next = from
    for (const key of Object.keys(value)) {
      const index = Number(key)
      if (index < next) continue
      // Fields of other names come behind all elements.
      if (!(index < length) || String(index >>> 0) !== key) break
      this.#holes(index - next)
      this.at(index, value[index])
      next = index + 1
    }
    this.#holes(length - next)
  }

  #holes(count: number): void {
    this.#count(count)
    this.weight -= count
    if (count > 0) this.#head(Tag.Hole, count)
  }

  #record(value: object, keys: readonly string[]): void {
    this.sink.tag(Tag.Object)
    this.#fields(value, keys)
  }

  /** What has fields of its own is the user's; the platform's state is not in fields. */
  #instance(value: object): void {
    const keys = Object.keys(value)
    const isUsers = !this.moving?.includes(value) && (keys.length > 0 || isCloneable(value) === false)
    if (isUsers) this.#record(value, keys)
    else this.#platform(value)
  }

  #fields(value: object, keys: readonly string[]): void {
    this.sink.number(keys.length)
    for (const key of keys) {
      const item = (value as Record<string, unknown>)[key]
      if (key === 'then' && typeof item === 'function') {
        throw this.refusal('uncloneable', "a value with a callable 'then' cannot be sent: await it first")
      }
      this.sink.string(key)
      this.at(key, item)
    }
  }

  #error(error: Error): void {
    const sink = this.sink
    this.#head(Tag.Error, classOf(error))
    sink.string(textOf(fieldOf(error, 'name'), Infinity))
    sink.string(textOf(fieldOf(error, 'message'), Infinity))
    const start = sink.mark()
    let count = 0
    this.#errors++
    for (const key of keysOf(error, this.#trusted)) if (this.#errorField(error, key)) count++
    this.#errors--
    sink.insert(start, count)
  }

  /** A field that cannot be sent is left out: what happened matters more. So are functions and streams, meant for no peer. */
  #errorField(error: Error, key: string): boolean {
    const before = [this.#depth, this.#nodes] as const
    const start = this.sink.mark()
    const { size } = this.#seen
    const mark = this.#exporter.mark?.()
    try {
      this.sink.string(key)
      this.at(key, error[key as keyof Error])
      return true
    } catch {
      this.sink.forget(start)
      this.#seen.forget(size)
      this.#exporter.undo?.(mark)
      ;[this.#depth, this.#nodes] = before
      return false
    }
  }

  /** Platforms send what was moved before as empty, or not at all, without a word. */
  #memory(value: ArrayBuffer | ArrayBufferView): void {
    const view = ArrayBuffer.isView(value) ? value : undefined
    const buffer = view?.buffer ?? (value as ArrayBuffer)
    if (isDetached(buffer)) throw this.refusal('uncloneable', 'a buffer that was transferred before cannot be sent')
    this.#asIs(view && !this.moving?.includes(buffer) ? this.#views.cut(view, this.#seen.all) : value)
  }

  #platform(value: object): void {
    if (!this.moving?.includes(value) && !isCloneable(value)) throw this.#stays(value)
    this.#asIs(value)
  }

  #stays(value: object): ActorError {
    const advice = kindOf(value) === Events ? '; send its events by a callback or an async iterable' : ''
    return this.refusal('uncloneable', `a value of class ${classNameOf(value)} cannot be sent${advice}`)
  }

  #asIs(value: object): void {
    // It would be lost on the way to another origin, without a word to us.
    if (!this.#trusted && isShared(value))
      throw this.refusal('uncloneable', 'shared memory cannot be sent to a peer that is not trusted')
    this.sink.platform(value, this)
  }

  /** Writes a part of what is being written. */
  at(key: string | number, item: unknown): void {
    this.#count()
    if (typeof item === 'object' || typeof item === 'function' || typeof item === 'symbol') {
      this.#path[this.#depth - 1] = key
      this.#steps = this.#depth
    }
    this.value(item)
  }

  #count(parts = 1): void {
    this.weight += parts
    if ((this.#nodes += parts) > this.limits.nodes) {
      throw this.refusal('too-large', `the value has more parts than the limit 'nodes' of ${this.limits.nodes}`)
    }
  }

  /** Writes a back reference if this frame holds the container already, else remembers it. */
  #same(value: object): boolean {
    const place = this.#seen.place(value)
    if (place === undefined) return false
    this.#head(Tag.Same, place)
    return true
  }

  #head(tag: AnyTag, number: number): void {
    this.sink.tag(tag)
    this.sink.number(number)
  }

  /** The error to throw about the value that is being written. The build for bundlers cuts the prose of its texts. */
  refusal(code: 'uncloneable' | 'too-deep' | 'too-large', text: string): ActorError {
    const path = pathOf(this.#path.slice(0, this.#steps))
    return new ActorError(code, path ? `${text} (at value${path.slice(0, 200)})` : text)
  }
}
