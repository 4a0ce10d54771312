import { checkRunner } from './runner.mjs'

export const checkJest = (app) =>
  checkRunner(app, {
    command: ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--json'],
    modes: [['--runInBand'], ['--maxWorkers=2'], ['--maxWorkers=2', '--workerThreads']],
    origin: 'http://localhost',
  })
