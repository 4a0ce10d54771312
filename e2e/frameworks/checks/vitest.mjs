import { checkRunner } from './runner.mjs'

export const checkVitest = (app) =>
  checkRunner(app, {
    command: ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json'],
    modes: [['--pool=forks'], ['--pool=threads'], ['--pool=vmThreads']],
    origin: 'http://localhost:3000',
  })
