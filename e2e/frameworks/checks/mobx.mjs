import { run } from './app.mjs'

export async function checkMobx({ name, root }) {
  const { code, output } = await run(process.execPath, ['store.js'], { cwd: root })
  if (code !== 0) throw new Error(output)
  console.log(`${name}: ${output.trim()}`)
}
