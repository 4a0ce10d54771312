// The lint rule `troupe/rooms`: which folder of core/ may import from which. oxlint loads this file as a plugin.
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Each room (a folder of core/, without its subfolders) and the rooms that it may import from, types included.
 * The order is from the ground up: a room names only rooms that stand above it here, so there are no circles.
 * `'*'` means every room above it, `'!bus'` leaves one out again.
 *
 * Files directly in core/ import from every room, and no room imports them. core/testing and tests import anything of
 * core, and only they import core/testing.
 */
const TABLE = {
  // What every room stands on: errors, limits, deadlines, and the one door to the platform (env).
  ground: [],
  // One call: what is asked of an actor, its deadline, its abort, and who waits for it.
  message: ['ground'],
  // Calls that go to one of several, and which one takes the next.
  routing: ['ground', 'message'],
  // What users hold: proxies, their types, and the functions on them.
  proxy: ['ground', 'message'],
  // Values to frames and back, on ports and as bytes, and copies within a realm.
  wire: ['ground', 'message', 'proxy'],
  // The contract of a channel to another realm, and a pair of channels within one.
  transport: ['ground', 'wire'],
  // A channel that outlives the connections that carry it.
  resume: ['ground', 'transport'],
  // An actor elsewhere, and the ways to it.
  remote: ['ground', 'message', 'proxy', 'wire', 'transport'],
  // How a link opens, stays alive, and when its frames leave.
  'link/session': ['ground', 'message', 'wire', 'transport'],
  // Streams of the platform, and generators, read and written over a link.
  'link/streams': ['ground', 'message', 'remote'],
  // What crosses a link by reference: tables of what was handed out and what was received.
  'link/references': ['ground', 'message', 'proxy', 'wire', 'remote', 'link/session', 'link/streams'],
  // Calls that leave over a link, and calls that come over it, until each has its one reply.
  'link/calls': [
    'ground',
    'message',
    'proxy',
    'wire',
    'transport',
    'remote',
    'link/session',
    'link/streams',
    'link/references',
  ],
  // What core makes of a transport: the frames of a peer, and one end for all that goes on.
  link: ['*'],
  // Which actor is called what, and where: names are announced to neighbours and looked up.
  directory: ['ground', 'message', 'proxy', 'remote'],
  // Where the messages of one actor wait.
  mailbox: ['ground', 'message'],
  // How an actor starts, rests, fails, is restarted, and ends.
  supervision: ['ground', 'message', 'proxy', 'mailbox'],
  // What all parts of one dispatcher share.
  realm: ['*'],
  // Realms that were introduced talk without the realm between.
  shortcuts: ['*'],
  // Hosts actors: instances, whose turn it is, and the one place that runs their code.
  actor: ['*'],
  // Addressed pairs of links on a medium that many share.
  bus: ['ground', 'transport', 'wire'],
  // Connects to peers, brings them back, and answers what they ask of a realm.
  peers: ['*', '!shortcuts', '!actor'],
  // Spreads calls over workers, which start when they are needed and are replaced when they die.
  pool: ['*', '!shortcuts', '!actor'],
  // Actors that are called together, wherever they are.
  group: ['*', '!shortcuts', '!actor', '!pool'],
  // Objects that realms share, each of them an actor, and what acquires those that can be held.
  shared: ['ground', 'message', 'proxy', 'actor'],
  // Carries actors with their state from one realm to another.
  moving: ['*', '!shortcuts', '!pool', '!group', '!shared'],
  // Actors whose state and messages are in a store, and the contract of a store.
  durable: ['*', '!shortcuts', '!pool', '!group', '!shared'],
  // Calls that follow their actor from one realm to the next.
  rerouting: ['ground', 'message', 'wire', 'transport', 'remote', 'link', 'realm'],
  // Actors that are spread over the realms of a cluster by their keys.
  sharded: ['*', '!shortcuts', '!pool', '!shared', '!durable', '!moving'],
  // Actors that one realm of an origin runs for all of them.
  singleton: ['*', '!shortcuts', '!pool', '!group', '!shared', '!durable', '!sharded'],
  // Lets many peers come: listening, and joining a bus.
  serving: ['*'],
  // Hooks around the methods of actors, and those that are shipped.
  interceptors: ['ground', 'message', 'proxy', 'realm', 'actor'],
}

/** What core imports beside its own files. */
const PACKAGES = ['nanoevents']

/** Each room with the set of rooms that it may import from. Throws where a room names one that does not stand above. */
function arrows(table) {
  const rooms = new Map()
  for (const [room, entries] of Object.entries(table)) {
    const allowed = new Set()
    for (const entry of entries) {
      const name = entry.replace('!', '')
      if (name !== '*' && !rooms.has(name))
        throw new Error(`.ci/rooms.mjs: '${room}' names '${name}', which does not stand above it in the table`)
      if (name === '*') for (const above of rooms.keys()) allowed.add(above)
      else if (name === entry) allowed.add(name)
      else allowed.delete(name)
    }
    rooms.set(room, allowed)
  }
  return rooms
}

const ROOMS = arrows(TABLE)
const CORE = fileURLToPath(new URL('../core', import.meta.url))
const SEE = 'see .ci/rooms.mjs'

/** A path below core/ with forward slashes. Starts with `..` where the file is not in core/. */
const insideCore = (path) => relative(CORE, path).split(sep).join('/')

/** The room of a file in core/: its folder. Empty for files directly in core/. */
const roomOf = (file) => (ROOMS.has(file) ? file : dirname(file).replace(/^\.$/, ''))

const isTesting = (room) => /^testing(\/|$)/.test(room)

/** The text of a string or of a template without placeholders, else undefined. */
function textOf(node) {
  if (node.type === 'TemplateLiteral') return node.expressions.length === 0 ? node.quasis[0].value.cooked : undefined
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}

/** What is wrong with `specifier` in the file at `path`, which is in `room`, or undefined. */
function complaint(path, room, specifier) {
  const here = room ? `core/${room}` : 'core'
  if (specifier === undefined) return `${here} may not import a computed path: the rule cannot read it, ${SEE}`
  if (PACKAGES.includes(specifier)) return undefined
  const file = insideCore(join(dirname(path), specifier))
  if (!/^\.\.?(\/|$)/.test(specifier) || /^\.\.(\/|$)/.test(file))
    return `${here} may not import ${specifier}: core imports only its own files and ${PACKAGES.join(', ')}, ${SEE}`
  const target = roomOf(file)
  if (isTesting(room) || target === room) return undefined
  if (room ? ROOMS.get(room).has(target) : ROOMS.has(target)) return undefined
  return `${here} may not import core/${target || file}: rooms import downwards only, ${SEE}`
}

const rooms = {
  meta: { type: 'problem', docs: { description: 'Rooms of core/ import from the rooms that the table allows.' } },
  create(context) {
    const path = context.filename
    const file = insideCore(path)
    if (/^\.\.(\/|$)/.test(file) || /\.(test|test-d)\.ts$/.test(file)) return {}
    const room = roomOf(file)
    if (room && !isTesting(room) && !ROOMS.has(room))
      return {
        Program: (node) => context.report({ node, message: `core/${room} is not in the table of rooms, ${SEE}` }),
      }
    const check = (source) => {
      const message = source && complaint(path, room, textOf(source))
      if (message) context.report({ node: source, message })
    }
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
      TSExternalModuleReference: (node) => check(node.expression),
    }
  },
}

export default { meta: { name: 'troupe' }, rules: { rooms } }
