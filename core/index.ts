export type {} from './abort.js'
export { Actor } from './actor.js'
export type { Address } from './address.js'
export type { AskOptions } from './ask.js'
export type { StopMode, StopOptions } from './stop-options.js'
export type { Context } from './context.js'
export { Dispatcher } from './dispatcher.js'
export type { DispatcherInfo, LookupOptions, PeerInfo } from './dispatcher.js'
export type { Bus, Medium, Packet } from './bus/bus.js'
export type { Env } from './env.js'
export { ActorError } from './errors.js'
export type { ErrorCode, Ran } from './errors.js'
export type { Joined } from './joining.js'
export type { ConnectOptions, LinkOffer } from './link-offer.js'
export type { Listened } from './listening.js'
export type { Limits } from './limits.js'
export type { Authorize, Claims, Grant } from './link/handshake.js'
export type { Caller } from './message.js'
export type { Actors, Peer } from './peer.js'
export type { Asking, Proxy, Referenced, Telling } from './proxy-types.js'
export type {
  DeadLetter,
  LogEntry,
  RealmEvents as DispatcherEvents,
  RealmOptions as DispatcherOptions,
  Terminated,
} from './realm.js'
export type { MailboxOptions, MailboxPolicy } from './bounded-mailbox.js'
export type { Mail, Mailbox } from './mailbox.js'
export type { Spawning } from './spawn.js'
export type { ActorClass, SpawnOptions } from './spawn-options.js'
export type { ActorInfo } from './supervision/actor-info.js'
export type { Outcome, SettledMessage } from './supervision/settled-message.js'
export { ended, linkFates, monitor, type Monitor } from './supervision/monitor.js'
export type {
  Decide,
  Decision,
  Failure,
  Intensity,
  RestartOptions,
  RestartType,
  Strategy,
} from './supervision/restart.js'
export { reference } from './reference.js'
export type { State } from './supervision/state.js'
export { transfer } from './transfer.js'
export type { Connector, Facts, Listener, Listening, Traits, Transport } from './transport.js'
export { address, ask, info, isAlive, kill, ping, read, resume, same, stop, suspend, tell, write } from './verbs.js'
