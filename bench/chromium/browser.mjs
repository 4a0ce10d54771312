import { existsSync } from 'node:fs'
import { chromium } from 'playwright'

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const ARGS = [
  // Quiet at start: on a closed network a browser's own look-ups fail by the dozen.
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // One of two tabs is in the background, where timers and processes are slowed down.
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-background-timer-throttling',
]

const executable = [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path))

/** Whether there is a Chromium to measure in. */
export const isThere = executable !== undefined

/** A Chromium of its own: Playwright's where it is installed, else the system's. */
export const launch = () =>
  chromium.launch({ executablePath: executable, args: ARGS, chromiumSandbox: process.getuid?.() !== 0 })
