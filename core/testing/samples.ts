import { alike, assert, equal } from './expect.js'

declare const structuredClone: (value: unknown) => unknown
declare const DOMException: new (message: string, name: string) => Error
declare const Blob: (new (parts: string[]) => { readonly size: number }) | undefined

/** A value and what must be true of it after it crossed. */
export interface Sample {
  readonly name: string
  readonly make: () => unknown
  // oxlint-disable-next-line typescript/no-explicit-any -- each sample knows its own type
  readonly check: (arrived: any) => void
}

const same = (name: string, value: unknown): Sample => ({
  name,
  make: () => value,
  check: (arrived) => equal(arrived, value, name),
})

function bytesOf(value: ArrayBufferView | ArrayBuffer): string {
  return value instanceof ArrayBuffer
    ? [...new Uint8Array(value)].join()
    : [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)].join()
}

const view = (make: () => ArrayBufferView): Sample => ({
  name: make().constructor.name,
  make,
  check(arrived: ArrayBufferView) {
    equal(arrived.constructor.name, make().constructor.name)
    equal(bytesOf(arrived), bytesOf(make()))
  },
})

/** Every structured-clone type that both ports and bytes carry. */
export const samples: readonly Sample[] = [
  ...[
    undefined,
    null,
    true,
    false,
    '',
    'text',
    0,
    -0,
    1,
    -1,
    127,
    128,
    -128,
    2 ** 31,
    -(2 ** 31),
    2 ** 53,
    0.1,
    NaN,
    Infinity,
  ].map((value) => same(Object.is(value, -0) ? '-0' : String(value), value)),
  same('bigint', 123n),
  same('negative bigint', -(2n ** 200n)),
  same('text of every width', 'aé€😀'.repeat(50)),
  same('lone surrogate', 'a\ud800b'),
  same('long ASCII', 'x'.repeat(1_000)),
  {
    name: 'record',
    make: () => ({ a: 1, nested: { b: [1, 'two', null, undefined] }, '': 'empty key' }),
    check(arrived) {
      equal(arrived.nested.b[1], 'two')
      equal(arrived[''], 'empty key')
      assert('3' in arrived.nested.b && arrived.nested.b[3] === undefined, 'undefined is an element')
    },
  },
  {
    name: 'own __proto__ key',
    make: () => JSON.parse('{"__proto__": {"polluted": true}, "x": 1}') as unknown,
    check(arrived) {
      assert(Object.hasOwn(arrived, '__proto__'), 'the key is an own property')
      equal(arrived.polluted, undefined)
      equal(({} as Record<string, unknown>)['polluted'], undefined)
    },
  },
  {
    name: 'sparse array',
    // oxlint-disable-next-line no-sparse-arrays
    make: () => [1, , , 4, , { at: 5 }, ,],
    check(arrived) {
      equal(arrived.length, 7)
      equal(Object.keys(arrived).join(), '0,3,5')
      alike([arrived[3], arrived[5].at], [4, 5])
    },
  },
  {
    name: 'Map with object keys',
    make: () =>
      new Map<unknown, unknown>([
        [{ k: 1 }, new Map([['in', 2]])],
        ['a', undefined],
      ]),
    check(arrived: Map<unknown, unknown>) {
      assert(arrived instanceof Map, 'a Map')
      const [[key, value]] = arrived as unknown as [[{ k: number }, Map<string, number>]]
      equal(key.k, 1)
      equal(value.get('in'), 2)
      assert(arrived.has('a'), 'undefined is a value')
    },
  },
  {
    name: 'Set',
    make: () => new Set([1, 'two', [3]]),
    check(arrived: Set<unknown>) {
      assert(arrived instanceof Set && arrived.size === 3 && arrived.has('two'), 'a Set of three')
    },
  },
  {
    name: 'Date',
    make: () => new Date(1_234_567_890_123),
    check: (arrived: Date) => equal(arrived.getTime(), 1_234_567_890_123),
  },
  { name: 'invalid Date', make: () => new Date(NaN), check: (arrived: Date) => equal(arrived.getTime(), NaN) },
  {
    name: 'ArrayBuffer',
    make: () => Uint8Array.of(1, 2, 3).buffer,
    check: (arrived: ArrayBuffer) => equal(bytesOf(arrived), '1,2,3'),
  },
  ...[
    () => Int8Array.of(-1, 2),
    () => Uint8Array.of(1, 255),
    () => Uint8ClampedArray.of(1, 255),
    () => Int16Array.of(-300, 2),
    () => Uint16Array.of(300, 2),
    () => Int32Array.of(-70_000),
    () => Uint32Array.of(70_000),
    () => Float32Array.of(0.5),
    () => Float64Array.of(0.1, NaN),
    () => BigInt64Array.of(-1n),
    () => BigUint64Array.of(1n),
    () => new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2),
    () => Uint16Array.of(1, 2, 3, 4).subarray(1, 3),
  ].map(view),
  {
    name: 'views that share a buffer',
    make() {
      const buffer = new ArrayBuffer(8)
      return [new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 4)]
    },
    check(arrived: [Uint8Array, Uint8Array]) {
      equal(arrived[0].buffer, arrived[1].buffer, 'one buffer')
    },
  },
  {
    name: 'boxed primitives',
    make: () => [new Number(1), new String('s'), new Boolean(false), Object(1n)],
    check(arrived: object[]) {
      equal(arrived.map((boxed) => typeof boxed + String(boxed)).join(), 'object1,objects,objectfalse,object1')
    },
  },
  {
    name: 'cycle and shared identity',
    make() {
      const shared = { s: 1 }
      const value: Record<string, unknown> = { a: shared, b: [shared] }
      value['self'] = value
      return value
    },
    check(arrived) {
      equal(arrived.self, arrived)
      equal(arrived.a, arrived.b[0])
    },
  },
  {
    name: 'more shared containers than are scanned',
    make() {
      const parts = Array.from({ length: 40 }, (_, index) => ({ index }))
      return [parts, [...parts].reverse()]
    },
    check(arrived) {
      for (let index = 0; index < 40; index++) equal(arrived[0][index], arrived[1][39 - index])
    },
  },
  {
    name: 'Error with cause and fields',
    make: () => Object.assign(new RangeError('r', { cause: new TypeError('c') }), { code: 'E', detail: { n: 1 } }),
    check(arrived: RangeError & { code: string; detail: { n: number } }) {
      assert(arrived instanceof RangeError && arrived.name === 'RangeError', 'its class')
      equal(arrived.message, 'r')
      assert(arrived.cause instanceof TypeError && arrived.cause.message === 'c', 'its cause')
      equal(arrived.code, 'E')
      equal(arrived.detail.n, 1)
    },
  },
  ...[EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((Class): Sample => ({
    name: Class.name,
    make: () => new Class('m'),
    check: (arrived: Error) => assert(arrived instanceof Class && arrived.name === Class.name, 'its class'),
  })),
  {
    name: 'DOMException',
    make: () => new DOMException('gone', 'AbortError'),
    check(arrived: Error & { code: number }) {
      assert(arrived instanceof DOMException, 'its class')
      alike([arrived.name, arrived.message, arrived.code], ['AbortError', 'gone', 20])
    },
  },
  {
    name: 'a chain of causes that ends in itself',
    make() {
      const last: Error = new Error('last')
      last.cause = last
      return new Error('first', { cause: new TypeError('second', { cause: last }) })
    },
    check({ cause }: Error) {
      const second = cause as Error
      assert(second instanceof TypeError, 'the second')
      equal((second.cause as Error).message, 'last')
      equal((second.cause as Error).cause, second.cause)
    },
  },
  {
    name: 'AggregateError',
    make: () => new AggregateError([new Error('one'), 2], 'many'),
    check(arrived: AggregateError) {
      assert(arrived instanceof AggregateError, 'its class')
      equal((arrived.errors[0] as Error).message, 'one')
      equal(arrived.errors[1], 2)
    },
  },
  {
    name: 'error of a class of its own',
    make() {
      class Strange extends TypeError {
        override name = 'Strange'
      }
      return new Strange('s')
    },
    check(arrived: Error) {
      assert(arrived instanceof TypeError, 'the nearest class that both sides know')
      equal(arrived.name, 'Strange')
    },
  },
  {
    name: 'class instance',
    make() {
      class Point {
        x = 1
        get double(): number {
          return this.x * 2
        }
      }
      return new Point()
    },
    check(arrived) {
      equal(Object.getPrototypeOf(arrived), Object.prototype)
      equal(JSON.stringify(arrived), '{"x":1}')
    },
  },
]

/** Types that only the platform's own clone carries; links of bytes refuse them. */
export const platformSamples: readonly Sample[] = [
  { name: 'RegExp', make: () => /a+/gi, check: (arrived: RegExp) => equal(String(arrived), '/a+/gi') },
  {
    name: 'SharedArrayBuffer',
    make: () => new SharedArrayBuffer(4),
    check: (arrived: SharedArrayBuffer) => equal(arrived.byteLength, 4),
  },
  { name: 'Blob', make: () => new Blob!(['abc']), check: (arrived: { size: number }) => equal(arrived.size, 3) },
].filter(({ make }) => {
  // Shared memory exists only on isolated pages.
  try {
    structuredClone(make())
    return true
  } catch {
    return false
  }
})
