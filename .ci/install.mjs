// Puts what the repository needs on a fresh machine, where only Node and npm are there, and says what and why.
//   node .ci/install.mjs             packages
//   node .ci/install.mjs --browser   and a Chromium, for the browser tests; none to be had is a failure
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// e2e/chromium.ts looks in the same places.
const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const why = stalePackages()
if (why) {
  say(`installing the packages of package-lock.json with npm ci: ${why}`)
  if (!run('npm', ['ci', '--no-audit', '--no-fund'])) fail('npm ci failed; see above')
}
if (process.argv.includes('--browser')) await browser()

/** Why node_modules does not hold what package-lock.json asks for, or undefined if it does. */
function stalePackages() {
  if (!existsSync('node_modules/.package-lock.json')) return 'node_modules is missing'
  const there = readPackages('node_modules/.package-lock.json')
  for (const [path, { version, optional, peer }] of Object.entries(readPackages('package-lock.json'))) {
    const found = there[path]?.version
    // What is optional may be for another platform.
    if (path !== '' && found !== version && !(found === undefined && (optional || peer))) {
      return `${path} is ${found ?? 'missing'}, wanted is ${version}`
    }
  }
  return undefined
}

async function browser() {
  const { chromium } = await import('playwright')
  const found = () => [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path))
  const attempts = [
    ["Playwright's own Chromium", () => run('npx', ['playwright', 'install', 'chromium'])],
    ["Debian's package chromium", installFromDebian],
  ]
  for (const [what, install] of attempts) {
    if (found()) break
    say(`installing ${what}: the browser tests need a Chromium and there is none yet`)
    if (!install()) say(`${what} cannot be installed here`)
  }
  const path = found()
  if (!path) fail('no Chromium for the browser tests; run: npx playwright install --with-deps chromium')
  say(`browser tests use ${path}`)
}

function installFromDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return (
    run('apt-get', ['update'], env) && run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], env)
  )
}

function readPackages(lock) {
  return JSON.parse(readFileSync(lock, 'utf8')).packages
}

function run(command, args, env = process.env) {
  const stdio = ['ignore', 'inherit', 'inherit']
  // npm and npx are scripts on Windows, which only a shell can start.
  return spawnSync(command, args, { env, stdio, shell: process.platform === 'win32' }).status === 0
}

function say(text) {
  console.log(`[install] ${text}`)
}

function fail(text) {
  console.error(`[install] ${text}`)
  process.exit(1)
}
