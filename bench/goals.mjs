const remote = ['worker_threads', 'websocket']

const goals = [
  { path: 'worker_threads', load: 1000, than: 'raw', atLeast: 3 },
  { path: 'websocket', load: 1000, than: 'raw', atLeast: 10 },
  { path: 'web-worker', load: 1000, than: 'raw', atLeast: 25 },
  { path: 'web-worker', load: 8, than: 'raw+promise', atLeast: 0.9 },
  { path: 'shared-worker', load: 1000, than: 'raw', atLeast: 40 },
  { path: 'broadcast-channel', load: 1000, than: 'raw', atLeast: 40 },
  { path: 'brokered port', load: 1, than: 'raw', atLeast: 1.7 },
  ...['1 MiB to a thread', '1 MiB to a web worker'].map((path) => ({ path, load: 1, than: 'raw', atLeast: 0.9 })),
  { path: 'redis', load: 1000, than: 'raw', atLeast: 12 },
  { path: 'nats', load: 1000, than: 'nats.request', atLeast: 20 },
  { path: 'child-process', load: 1000, than: 'raw', atLeast: 8 },
  ...remote.map((path) => ({ path, load: 1, than: 'raw', atLeast: 0.9 })),
  ...remote.map((path) => ({ path, load: 8, than: 'raw+promise', atLeast: 0.6 })),
  ...['durable, SQLite', 'durable, IndexedDB'].map((path) => ({ path, load: 100, than: 'raw', atLeast: 0.7 })),
  ...['start of a thread', 'start of a web worker'].map((path) => ({ path, than: 'raw', atMost: 1.25 })),
]

/** The goals of the issue that were measured, each with its ratio and whether it is met. Of times, less is better. */
export const judged = (results) =>
  goals.flatMap((goal) => {
    const found = results.find(
      ({ path, load, contender }) => path === goal.path && load === goal.load && contender === 'troupe',
    )
    if (!found) return []
    const ratio = found.ratios[goal.than]
    return [{ ...goal, ratio, met: goal.atMost === undefined ? ratio >= goal.atLeast : ratio <= goal.atMost }]
  })
