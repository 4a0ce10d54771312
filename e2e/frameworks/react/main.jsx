import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Dispatcher } from 'troupe'
import { webWorker } from 'troupe/web-worker'

function connect(setLedger) {
  const dispatcher = new Dispatcher()
  dispatcher
    .connect(webWorker(() => new Worker(new URL('./ledger.worker.js', import.meta.url), { type: 'module' })))
    .then((peer) => peer.spawn('Ledger'))
    .then(setLedger, (error) => {
      // The first of the two mounts of StrictMode.
      if (error.code !== 'stopped') throw error
    })
  return () => void dispatcher.close()
}

function App() {
  const [ledger, setLedger] = useState()
  const [streaming, setStreaming] = useState(true)
  useEffect(() => connect(setLedger), [])
  if (!ledger) return <p>connecting</p>
  return (
    <main>
      <Sum ledger={ledger} />
      {streaming && <Latest ledger={ledger} />}
      <button onClick={() => setStreaming(false)}>stop</button>
      <Counts ledger={ledger} />
    </main>
  )
}

function Sum({ ledger }) {
  const [sum, setSum] = useState()
  useEffect(() => void ledger.add(1, 2).then(setSum), [ledger])
  return <p id="sum">{sum}</p>
}

/** The stream waits for its second item when the component goes. */
function Latest({ ledger }) {
  const [item, setItem] = useState()
  useEffect(() => {
    const items = ledger.once()[Symbol.asyncIterator]()
    const read = async () => {
      for (let next = await items.next(); !next.done; next = await items.next()) setItem(next.value)
    }
    void read()
    return () => void items.return()
  }, [ledger])
  return <p id="item">{item}</p>
}

/** What reached the actor, asked for by a click. */
function Counts({ ledger }) {
  const [counts, setCounts] = useState([])
  const ask = async () => setCounts([await ledger.calls(), await ledger.left()])
  return (
    <button id="counts" onClick={ask}>
      {counts.join()}
    </button>
  )
}

createRoot(document.querySelector('#root')).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
