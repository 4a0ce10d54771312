// Which attack is tested where: each cell names a test, or says why the attack is none there. SECURITY.md shows it.

/** A test that shows the defence. */
export interface Shown {
  readonly file: string
  readonly title: string
}

/** Where the adapter is tested, and the name of its conformance suite. */
export interface Adapter {
  readonly file: string
  readonly suite?: string
}

export interface Attack {
  readonly attack: string
  readonly defence: string
  /** A case of the conformance suite, which every transport runs. */
  readonly suite?: string
  /** Further cases of it for the same attack. */
  readonly also?: readonly string[]
  /** A test of core: what it shows stands above all transports, which have no part in it. */
  readonly core?: Shown
  /** Cells of single adapters: tests, or why there is nothing to test. They count before `suite` and `core`. */
  readonly cells?: Readonly<Record<string, Shown | string>>
  /** Why there is nothing to test on all others. */
  readonly others?: string
}

const transport = (name: string): string => `adapters/transports/${name}.test.ts`
const COMLINK = 'adapters/bridges/comlink.test.ts'
const HOSTILE = transport('hostile.node')
const SERVER = transport('websocket.node')
const FUZZ = 'core/testing/fuzz/fuzz.test.ts'

export const ADAPTERS: Readonly<Record<string, Adapter>> = {
  memory: { file: transport('memory'), suite: 'memory, untrusted' },
  'web-worker': { file: transport('web-worker.browser'), suite: 'web-worker' },
  'shared-worker': { file: transport('shared-worker.browser'), suite: 'shared-worker' },
  'worker-threads': { file: transport('worker-threads.node'), suite: 'worker-threads' },
  'child-process': { file: transport('child-process.node'), suite: 'child-process' },
  'message-port': { file: transport('message-port'), suite: 'message-port' },
  'broadcast-channel': { file: transport('broadcast-channel.node'), suite: 'broadcast-channel' },
  websocket: { file: SERVER, suite: 'websocket' },
  comlink: { file: COMLINK },
}

const CLONED = "Comlink's messages are cloned by the platform, and have no frames of ours"
const OWN = 'Nothing but the realm that was started, or that holds the port, can write to the channel'
const ORIGIN = 'Every realm on the channel is of the same origin, and trusted'
const SAME_TESTS = 'reaches methods of the actor and nothing else'

export const ATTACKS: readonly Attack[] = [
  {
    attack: 'A method is called `constructor`, `__proto__`, `then`, `toString` …',
    defence:
      'A table of declared methods without a prototype, built once for each class. A call has one name, not a path',
    suite: 'refuses every name that is no public method, and pollutes nothing',
    cells: { comlink: { file: COMLINK, title: SAME_TESTS } },
  },
  {
    attack: 'A payload changes prototypes',
    defence: 'Keys are defined as own fields, and payloads are never merged into objects',
    suite: 'takes the fields of a payload for fields, whatever they are called',
    cells: { comlink: CLONED },
  },
  {
    attack: 'A payload chooses a type',
    defence: 'A closed set of tags, errors from a fixed list, no classes and no functions made from text',
    suite: 'makes only values of the types that there are',
    also: ['makes only errors of the classes that there are'],
    cells: { comlink: CLONED },
  },
  {
    attack: 'A reply or a reference is forged or guessed',
    defence: 'Replies count on the link that asked, references on the link that they were sent over',
    suite: 'closes the link of a peer that breaks the protocol, with a code',
    also: ['refuses a reference that was never handed out'],
    cells: { comlink: 'Each client has its port, and each function another one: there is nothing to guess' },
  },
  {
    attack: 'A sender is spoofed, or a frame makes this side connect to somewhere',
    defence: 'The link sets the caller. No frame holds an address that is connected to',
    suite: 'stamps the sender and the caller',
    cells: {
      websocket: { file: HOSTILE, title: 'makes this side connect to nobody, whatever addresses it names' },
      comlink: {
        file: COMLINK,
        title: 'in a window of another origin is heard only if that is named, and is told no stacks',
      },
    },
  },
  {
    attack: 'A message of a user passes for one of the system',
    defence: 'Control frames and messages have different operations, and no name leads from one to the other',
    suite: 'keeps requests of the dispatcher and messages of actors apart',
    cells: { comlink: { file: COMLINK, title: SAME_TESTS } },
  },
  {
    attack: 'A mailbox is flooded',
    defence: 'Mailboxes and calls under way are bounded: `overloaded`',
    core: { file: 'core/mailbox/mailbox.test.ts', title: 'and 131,072 messages are the bound of one that states none' },
  },
  {
    attack: 'A frame is giant or deep, or declares a false length',
    defence: 'Bytes, depth and parts are counted while a frame is read. Nothing is allocated by a declared count',
    suite: 'allocates nothing by a count that a payload declares',
    also: ['reads nothing that is nested without end'],
    cells: { comlink: CLONED },
  },
  {
    attack: 'A compression bomb',
    defence: 'Compression is off',
    cells: { websocket: { file: HOSTILE, title: 'gets no compression' } },
    others: 'Nothing is compressed there',
  },
  {
    attack: 'A message comes in fragments, or byte by byte',
    defence: 'Fragments are joined once',
    cells: {
      websocket: {
        file: HOSTILE,
        title: 'that sends each byte as a fragment of its own is read in linear time, and holds up nobody',
      },
    },
    others: 'The platform delivers whole messages',
  },
  {
    attack: 'A connection is opened and says nothing, or dies without a word',
    defence: '5 s for request and handshake, 4 KiB until then, and a heartbeat',
    cells: {
      websocket: { file: SERVER, title: 'gives the handshake a deadline' },
      'message-port': {
        file: transport('message-port.browser'),
        title: 'that knocks without end is not let in without end',
      },
      'broadcast-channel': ORIGIN,
      comlink: 'There is no handshake, and a client that says nothing costs nothing',
    },
    others: OWN,
  },
  {
    attack: 'A page of another origin connects',
    defence: 'The exact origin must be named, and the token is sent in the channel, not as a cookie',
    cells: {
      websocket: { file: SERVER, title: 'refuses origins that are not on the list, exactly' },
      'message-port': {
        file: transport('message-port.browser'),
        title: 'of another origin is neither answered nor believed',
      },
      comlink: {
        file: COMLINK,
        title: 'in a window of another origin is heard only if that is named, and is told no stacks',
      },
    },
    others: 'The platform keeps it within one origin or one process',
  },
  {
    attack: 'A handshake is replayed',
    defence: 'A hello must answer the nonce of this very connection',
    cells: {
      websocket: { file: HOSTILE, title: 'is not let in by what another peer said to another link' },
      'broadcast-channel': ORIGIN,
      comlink: 'There is no handshake',
    },
    others: OWN,
  },
  {
    attack: 'A command is repeated when a connection is replaced',
    defence: 'Both sides count payloads. What came is not taken again',
    cells: {
      websocket: {
        file: 'core/resume/resume.test.ts',
        title: 'after %i payloads loses nothing, doubles nothing and keeps the order',
      },
    },
    others: 'The channel does not go on over another one',
  },
  {
    attack: 'References are never given back, or given back too often',
    defence: 'A quota for each link, counted leases, and the end of a link frees all',
    suite: 'ends the link of a peer that gives back more than it got',
    cells: { comlink: 'Each reference is a port of its own, which ends it' },
  },
  {
    attack: 'Cycles, and graphs that are endless as a text',
    defence: 'Shared containers are counted once, and only strings are read as text',
    suite: 'makes no text of a graph that a peer asks for',
    also: ['makes no text of a graph that a peer sends before it is let in'],
    cells: { comlink: CLONED },
  },
  {
    attack: 'A value is awaited, and calls back',
    defence: 'Proxies answer `undefined` to `then`. A value with a callable `then` is refused',
    suite: 'takes no value that could be awaited',
    cells: { comlink: { file: COMLINK, title: SAME_TESTS } },
  },
  {
    attack: 'A name is made to be slow',
    defence: 'Names have at most 255 bytes, and are looked up, not matched',
    suite: 'refuses a long name at once',
    cells: { comlink: 'A name is looked up in the same table, and the platform has copied it before' },
  },
  {
    attack: 'An error tells a secret',
    defence: 'Stacks are sent to trusted peers only, and nothing that `authorize` throws is sent',
    suite: 'tells the stack of an error to trusted peers only',
    cells: {
      comlink: {
        file: COMLINK,
        title: 'in a window of another origin is heard only if that is named, and is told no stacks',
      },
    },
  },
  {
    attack: 'Many calls in one frame, or calls that follow calls',
    defence: 'Each call counts against the limit of the link',
    suite: 'admits no more calls than its limit says',
    cells: { comlink: 'Each message is one call, and none can follow another' },
  },
  {
    attack: 'A frame makes the process crash',
    defence: 'What a frame throws ends its link, with a code, and nothing else',
    suite: 'ends the link of a peer that sends what is no frame, with a code',
    cells: {
      memory: {
        file: FUZZ,
        title: '%s stands any frame: what a peer breaks is its own link, and nothing is left of it',
      },
      comlink: { file: COMLINK, title: SAME_TESTS },
    },
  },
  {
    attack: 'A message fails each time that it is tried',
    defence: 'It is tried as often as the host allows, and is a dead letter then. Peers have no say in it',
    core: {
      file: 'core/supervision/supervision.test.ts',
      title: 'is tried again as often as asked, then it is a dead letter',
    },
  },
  {
    attack: 'A realm is worn out: it crashes again and again, or its memory ends',
    defence: 'Restarts are bounded, the platform bounds the heap of a thread, and a pool replaces workers',
    core: {
      file: 'core/supervision/supervision.test.ts',
      title: 'gives up after the intensity, with backoff in between, typed',
    },
    cells: {
      'worker-threads': { file: transport('realms.node'), title: 'whose memory ran out says so' },
      'web-worker': {
        file: transport('realms.browser'),
        title: 'a worker that spins is asked, ended after the grace, and started again',
      },
    },
  },
]

/** What the table has for an attack on an adapter. */
export function cellOf({ suite, core, cells, others }: Attack, adapter: string): Shown | string | undefined {
  const own = cells?.[adapter]
  if (own !== undefined) return own
  const { file, suite: name } = ADAPTERS[adapter]!
  if (suite !== undefined && name !== undefined) return { file, title: suite }
  return core ?? others
}
