export type {} from './ground/abort.js'
export { Actor } from './actor/actor.js'
export type { Address } from './ground/address.js'
export type { AskOptions } from './message/ask.js'
export type { StopMode, StopOptions } from './message/stop-options.js'
export type { Context } from './actor/context.js'
export { Dispatcher } from './dispatcher.js'
export type { DispatcherInfo, LookupOptions, PeerInfo } from './dispatcher.js'
export type { Bus, Medium, Packet } from './bus/bus.js'
export type { Env } from './ground/env.js'
export { ActorError } from './ground/errors.js'
export type { ErrorCode, Ran } from './ground/errors.js'
export type { Joined } from './peers/joining.js'
export type { ConnectOptions, LinkOffer } from './peers/link-offer.js'
export type { Listened } from './peers/listening.js'
export type { Limits } from './ground/limits.js'
export type { Authorize, Claims, Grant } from './link/session/handshake.js'
export type { Caller } from './message/message.js'
export type { Actors, Peer } from './peers/peer.js'
export type { Asking, Proxy, Referenced, Telling } from './proxy/proxy-types.js'
export type {
  DeadLetter,
  LogEntry,
  RealmEvents as DispatcherEvents,
  RealmOptions as DispatcherOptions,
  Terminated,
} from './realm/realm.js'
export type { MailboxOptions, MailboxPolicy } from './mailbox/bounded-mailbox.js'
export type { Mail, Mailbox } from './mailbox/mailbox.js'
export type { Spawning } from './actor/spawn.js'
export type { ActorClass, SpawnOptions } from './supervision/spawn-options.js'
export type { ActorInfo } from './supervision/actor-info.js'
export type { Outcome, SettledMessage } from './supervision/settled-message.js'
export { ended, linkFates, monitor, type Monitor } from './proxy/monitor.js'
export type {
  Decide,
  Decision,
  Failure,
  Intensity,
  RestartOptions,
  RestartType,
  Strategy,
} from './supervision/restart.js'
export { reference } from './actor/reference.js'
export type { State } from './supervision/state.js'
export { transfer } from './wire/transfer.js'
export type { Connector, Facts, Listener, Listening, Traits, Transport } from './transport/transport.js'
export {
  address,
  ask,
  info,
  isAlive,
  kill,
  ping,
  read,
  resume,
  same,
  stop,
  suspend,
  tell,
  write,
} from './proxy/verbs.js'
