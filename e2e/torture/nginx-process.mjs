import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const GUIDE = new URL('../../demo/guide/servers.md', import.meta.url)
const INSTALL = 'apt-get update && apt-get install -y --no-install-recommends nginx openssl'

/** A folder of its own for nginx, with a certificate for 127.0.0.1. */
export function makeFolder() {
  for (const [command, flag] of [
    ['nginx', '-v'],
    ['openssl', 'version'],
  ])
    if (spawnSync(command, [flag]).error) throw new Error(`${command} is not there; on Debian, as root: ${INSTALL}`)
  const folder = mkdtempSync(join(tmpdir(), 'troupe-nginx-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const args = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1'
  const made = spawnSync('openssl', [...args.split(' '), '-keyout', 'key.pem', '-out', 'cert.pem'], { cwd: folder })
  if (made.status !== 0) throw new Error(`no certificate: ${made.stderr}`)
  return folder
}

/** nginx in the foreground, with the config of the guide, its ports and files replaced. */
export class Nginx {
  #child
  #folder
  #replaced

  /** `replaced`: what of the guide's config is replaced by what. All of it has to be there. */
  constructor(folder, replaced) {
    this.#folder = folder
    this.#replaced = replaced
  }

  /** Writes the config, with more replaced than before. */
  configure(more = {}) {
    let [, config] = /```nginx\n([\s\S]*?)```/.exec(readFileSync(GUIDE, 'utf8'))
    for (const [from, to] of Object.entries({ ...this.#replaced, ...more })) {
      if (!config.includes(from)) throw new Error(`the config of the guide has no ${from}`)
      config = config.replaceAll(from, to)
    }
    const folder = this.#folder
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    mkdirSync(join(folder, 'temp'), { recursive: true })
    writeFileSync(join(folder, 'guide.conf'), config)
    writeFileSync(
      join(folder, 'nginx.conf'),
      `${process.getuid() === 0 ? 'user root;' : ''}
      daemon off; worker_processes 2; worker_shutdown_timeout 200ms;
      pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      events { worker_connections 1024; }
      http {
        access_log off;
        ${temporary.map((name) => `${name}_temp_path ${folder}/temp/${name};`).join('\n')}
        include ${folder}/guide.conf;
      }`,
    )
  }

  async start(port) {
    const args = ['-p', this.#folder, '-c', 'nginx.conf', '-e', 'error.log']
    this.#child = spawn('nginx', args, { stdio: ['ignore', 'inherit', 'inherit'] })
    const child = this.#child
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`nginx ended:\n${readFileSync(join(this.#folder, 'error.log'))}`)
      await sleep(10)
    }
  }

  reload() {
    this.#child.kill('SIGHUP')
  }

  async stop() {
    if (!this.#child || this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
