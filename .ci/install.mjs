// Puts what the repository needs on a fresh machine, where only Node and npm are there, and says what and why.
//   node .ci/install.mjs             packages
//   node .ci/install.mjs --browser   and what the tests run against: a Chromium, Redis and NATS; none to be had is a failure
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
if (process.argv.includes('--browser')) {
  await browser()
  servers()
}

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
    ["Debian's package chromium", () => installFromDebian('chromium')],
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

/** The tests of the buses start these servers, stop them and start them again. */
function servers() {
  for (const server of ['redis-server', 'nats-server']) {
    if (isCommand(server)) continue
    say(`installing Debian's package ${server}: the tests of its bus need that server and there is none yet`)
    if (!installFromDebian(server) || !isCommand(server))
      fail(`no ${server} for the tests of its bus; install it, so that the command ${server} starts it`)
  }
}

function isCommand(name) {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0
}

function installFromDebian(name) {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return run('apt-get', ['update'], env) && run('apt-get', ['install', '-y', '--no-install-recommends', name], env)
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
