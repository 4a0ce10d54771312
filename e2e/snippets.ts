import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export const GUIDE = 'demo/guide/'
/** README.md and the pages of the guide. */
export const pages = ['README.md', ...readdirSync(here(`../${GUIDE}`)).map((name) => GUIDE + name)]
/** The text of each page. */
export const texts = new Map(pages.map((page) => [page, readFileSync(here(`../${page}`), 'utf8')]))

/** All snippets, each with the file name in its first line. */
export const snippets = [...texts.values()].flatMap((text) =>
  Array.from(text.matchAll(/```(?:ts|tsx)\n\/\/ (\S+)\n([\s\S]*?)```/g), ([, name, code]) => [name!, code!] as const),
)
