declare const ReadableStream: new () => object
declare const AbortController: new () => { readonly signal: object }

/** An error with fields that cannot be sent, or that lend something; those that can are `code`, `detail` and `more`. */
export function laden(more: object): Error {
  let cause = new Error('the last cause')
  for (let depth = 0; depth < 150; depth++) cause = new Error(`cause ${depth}`, { cause })
  const shared = { n: 1 }
  const error = Object.assign(new RangeError('laden', { cause }), {
    code: 'E_LADEN',
    symbol: Symbol('field'),
    weak: new WeakMap(),
    retry: () => 1,
    deep: { shared, list: [{ retry: () => 1 }] },
    body: new ReadableStream(),
    signal: new AbortController().signal,
    async *rows() {
      yield 1
    },
    rows2: { async *[Symbol.asyncIterator]() {} },
    detail: { shared, inner: Object.assign(new TypeError('inner'), { code: 1, weak: new WeakMap() }) },
    ...more,
  })
  Object.defineProperty(error, 'getter', {
    enumerable: true,
    get() {
      throw new Error('not readable')
    },
  })
  return error
}
