import type { Env } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { today } from '../ground/today.js'
import { Heartbeat } from '../link/session/heartbeat.js'
import type { Platform, Wire } from './platform.js'

/** What names of locks and channels begin with. */
export const PREFIX = 'troupe-singleton:'
/** A leader says so many times in a lease that it lives. */
const BEATS = 4
/** Followers take the lock within this part of the lease, each at a random time of its own. */
const SPREAD = 8

/**
 * What realms say to all others of one singleton.
 *
 * `isLeader`: a leader says that it leads, from the moment that it has the lock. Others ask who leads, or knock. `of`: the term
 * of the leader. `realm`: the id of the dispatcher; empty where the term of the leader is over. `line`: of one that knocks, the
 * line that it opens.
 */
type Note = readonly [isLeader: boolean, of: number, version: number, realm: string, line?: string]

/** Who hears of an election. */
export interface Candidate {
  /** The realm of that id leads, which may be this one; none is known to if it is empty. */
  led(by: string): void
  /** This realm is to take part no more: there is a later version, or the platform gives no lock. */
  resign(cause: unknown): unknown
}

/** One realm's part in an election. */
export interface Election {
  /** Whether this realm leads. */
  readonly leads: boolean
  /** Takes part from now on. */
  begin(): void
  /** Takes part no more. If this realm leads, another one takes over. */
  end(): void
  /** Opens a line to the leader. */
  readonly knock: (line: string) => void
}

/**
 * Elects one of the realms that want to lead: the one that has the lock. The others wait for the lock, and take it where its
 * owner is silent for the time of the lease: a page that hangs, or is frozen, keeps its locks.
 *
 * `knocked` is called when a follower opens a line to this realm, which leads.
 */
export function elect(
  env: Env,
  platform: Platform,
  name: string,
  realm: string,
  version: number,
  lease: number,
  candidate: Candidate,
  knocked: (line: string) => void,
): Election {
  let leads = false
  /** The term of the leader, or of the last one that was heard of. Each is higher than those before it. */
  let term = 0
  /** The term of the leader that was told of. */
  let known = 0
  let wire: Wire | undefined
  /** Of the next beat, or of taking the lock. */
  let timer: unknown
  let giveBack = (): void => {}

  const say = (isLeader: boolean, by = realm, line?: string): void =>
    wire?.postMessage([isLeader, term, version, by, line] as Note)
  const cancel = (): void => env.clearTimer(timer)
  const later = (next: () => void, ms: number): void => {
    cancel()
    timer = env.setTimer(next, ms, true)
  }
  /** Says at once, and from time to time, that this realm leads. */
  const beat = (): void => {
    say(true)
    later(beat, lease / BEATS)
  }
  const follow = (): void => {
    heartbeat.start()
    request(false)
    known = 0
    say(false)
  }
  const lose = (): void => {
    leads = false
    cancel()
    candidate.led('')
    follow()
  }
  const request = (steals: boolean): void => {
    giveBack()
    giveBack = platform.lock(
      PREFIX + name,
      steals,
      () => {
        heartbeat.stop()
        leads = true
        // Unlike that of another realm, also where neither has heard of the other.
        term = Math.max(today(env), term + 1) + env.random()
        beat()
        candidate.led(realm)
      },
      (error) => {
        if (leads) lose()
        else if (steals) follow()
        else candidate.resign(error)
      },
    )
  }
  const heartbeat = new Heartbeat(
    env,
    { after: lease / 2, grace: lease / 2 },
    () => say(false),
    () => {
      heartbeat.start()
      later(() => request(true), (env.random() * lease) / SPREAD)
    },
  )

  const hear = ([isLeader, of, theirs, who, line]: Note): void => {
    if (line) {
      if (leads && of === term) knocked(line)
      return
    }
    // One that was robbed may not know it yet.
    if (isLeader && of < term) return
    if (theirs > version)
      return void candidate.resign(
        new ActorError('version', 'a tab has a later version of the application, and takes over; load the page again'),
      )
    if (!isLeader) {
      if (leads) say(true)
      return
    }
    term = of
    if (leads) return lose()
    heartbeat.heard(env.now())
    cancel()
    // One with an earlier version is about to leave.
    if (theirs === version && (term !== known || !who)) {
      known = who ? term : 0
      candidate.led(who)
    }
  }

  return {
    get leads() {
      return leads
    },
    begin() {
      wire = platform.open(PREFIX + name, (data) => hear(data as Note))
      follow()
    },
    end() {
      heartbeat.stop()
      cancel()
      if (leads) say(true, '')
      leads = false
      giveBack()
      wire?.close()
      wire = undefined
    },
    knock: (line) => say(false, realm, line),
  }
}
