export type {} from './ground/abort.js'
export { Actor } from './actor/actor.js'
export type { Address } from './ground/address.js'
export type { AskOptions } from './message/ask.js'
export type { StopMode, StopOptions } from './message/stop-options.js'
export type { Context } from './actor/context.js'
export { Dispatcher } from './dispatcher.js'
export type { LookupOptions } from './dispatcher.js'
export type { DispatcherInfo, PeerInfo } from './realm/dispatcher-info.js'
export type { BusInfo } from './transport/bus-info.js'
export type { Bus, Joined } from './peers/bus.js'
export type { Medium, Packet } from './bus/medium.js'
export type { Env } from './ground/env.js'
export type { Store, StoreChange, StoreCommit, StoreRecord } from './ground/store.js'
export { ActorError } from './ground/errors.js'
export type { ErrorCode, Ran } from './ground/errors.js'
export type { ConnectOptions, LinkOffer } from './peers/link-offer.js'
export type { Listened, Listener, Listening } from './peers/listener.js'
export type { Limits } from './ground/limits.js'
export type { Authorize, Claims, Grant } from './link/session/handshake.js'
export type { SharedKey } from './link/session/shared-key.js'
export type { Caller } from './message/message.js'
export type { Peer, PeerEvents, PeerState, PeerStateDetails } from './peers/peer.js'
export type { Actors, HostedClass } from './realm/hosting.js'
export type { TellOptions } from './proxy/proxy.js'
export type { Asking, Proxy, Referenced, Storing, Telling } from './proxy/proxy-types.js'
export type {
  DeadLetter,
  LogEntry,
  RealmEvents as DispatcherEvents,
  Spawning,
  Stalled,
  VersionConflict,
  Terminated,
} from './realm/realm-events.js'
export type { RealmOptions as DispatcherOptions } from './realm/realm.js'
export type { MailboxOptions, MailboxPolicy } from './mailbox/bounded-mailbox.js'
export type { Mail, Mailbox } from './mailbox/mailbox.js'
export { actor } from './actor/plain.js'
export type { ActorClass, SpawnOptions } from './supervision/spawn-options.js'
export type { ActorInfo } from './proxy/actor-info.js'
export type { Outcome, SettledMessage } from './supervision/settled-message.js'
export { ended, linkFates, monitor, type Monitor } from './proxy/monitor.js'
export type { Intensity } from './ground/restarts.js'
export type { Decide, Decision, Failure, RestartOptions, RestartType, Strategy } from './supervision/restart-options.js'
export { reference } from './actor/reference.js'
export type { State } from './supervision/state.js'
export { transfer } from './wire/transfer.js'
export type { Connector, Facts, Traits, Transport } from './transport/transport.js'
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
