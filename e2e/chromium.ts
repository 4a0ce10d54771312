import { existsSync } from 'node:fs'
import { chromium } from 'playwright'

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Playwright's own Chromium where it is installed, else the system's. */
export function launchOptions(): { executablePath?: string; args: string[]; chromiumSandbox: boolean } {
  const own = existsSync(chromium.executablePath())
  const system = SYSTEM.find((path) => existsSync(path))
  // Quiet at start: on a closed network a browser's own look-ups fail by the dozen.
  const args = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Tests ask for a collection and wait for what it does.
    '--js-flags=--expose-gc',
  ]
  const sandbox = process.getuid?.() !== 0
  return { ...(!own && system ? { executablePath: system } : {}), args, chromiumSandbox: sandbox }
}
