// A small app in a temporary folder, with the packed tarball and all else installed that its package.json names.
import { spawn } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Runs a command to its end. Resolves with its exit code and what it printed. */
export function run(command, args, { cwd, env = {} }) {
  // Not the settings that the npm around this gave to its own scripts, nor those of a machine that only checks.
  const own = Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_OPTIONS|NODE_ENV|CI$|VITE|VITEST)/.test(key))
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...Object.fromEntries(own), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
      killSignal: 'SIGKILL',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** For what has to work before there is anything to see. */
export async function must(command, args, options) {
  const { code, output } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`)
}

/** Copies the files of an app, and those that all apps share, into a folder of its name, and installs what it needs. */
export async function openApp(name, { folder, tarball }) {
  const root = join(folder, name)
  cpSync(here(`../${name}`), root, { recursive: true })
  cpSync(here('../shared'), root, { recursive: true })
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  console.log(`${name}: installing ${Object.keys(dependencies).join(', ')} in ${root}, for the app that is tried`)
  await must('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', tarball], {
    cwd: root,
  })
  /** Imports a package that the app has installed. */
  const load = (path) => import(pathToFileURL(createRequire(join(root, 'package.json')).resolve(path)))
  return { name, root, load }
}
