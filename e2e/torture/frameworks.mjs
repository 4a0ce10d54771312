// node frameworks.mjs [app…]
// The packed tarball in small apps, as users have them: with Jest and Vitest in jsdom, React, Vue and MobX, and Firefox.
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must, openApp } from '../frameworks/checks/app.mjs'
import { checkFirefox } from '../frameworks/checks/firefox.mjs'
import { checkJest } from '../frameworks/checks/jest.mjs'
import { checkMobx } from '../frameworks/checks/mobx.mjs'
import { checkReact } from '../frameworks/checks/react.mjs'
import { checkVitest } from '../frameworks/checks/vitest.mjs'
import { checkVue } from '../frameworks/checks/vue.mjs'

const CHECKS = {
  jest: checkJest,
  vitest: checkVitest,
  react: checkReact,
  vue: checkVue,
  mobx: checkMobx,
  firefox: checkFirefox,
}

const root = fileURLToPath(new URL('../..', import.meta.url))
if (!existsSync(join(root, 'dist/index.js'))) throw new Error('dist/ is missing: run `npm run build` first')

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-frameworks-')))
try {
  await must('npm', ['pack', '--loglevel=error', '--pack-destination', folder], { cwd: root })
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  )
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CHECKS)) {
    const check = CHECKS[name]
    if (!check) throw new Error(`no app ${name}; there are ${Object.keys(CHECKS).join(', ')}`)
    try {
      await check(await openApp(name, { folder, tarball }))
    } catch (error) {
      console.error(`${name} failed:`, error)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
