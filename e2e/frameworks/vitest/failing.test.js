// All tests but the last fail, so that one sees how Vitest reports them.
import { Dispatcher } from 'troupe'
import { Ledger } from './ledger.js'

const dispatcher = new Dispatcher()
const ledger = await dispatcher.spawn(Ledger)
const other = await dispatcher.spawn(Ledger)

afterAll(() => dispatcher.close())

test('toBe fails', () => expect(ledger).toBe(other))
test('toEqual fails', () => expect(ledger).toEqual({ add: 1 }))
test('toMatchObject fails', () => expect({ ledger }).toMatchObject({ ledger: { add: 1 } }))
test('toContain fails', () => expect([ledger]).toContain(other))
test('toHaveBeenCalledWith fails', () => {
  const spy = vi.fn()
  spy(ledger)
  expect(spy).toHaveBeenCalledWith('ledger')
})
test('resolves fails', () => expect(ledger).resolves.toBe(other))
test('goes on', async () => expect(await ledger.calls()).toBe(0))
