import { defineConfig } from '@playwright/test'
import { launchOptions } from './chromium.js'

export default defineConfig({
  testMatch: '*.spec.ts',
  globalSetup: './build-pages.ts',
  outputDir: '../.cache/playwright',
  reporter: [['line'], ['json', { outputFile: '../.cache/results/playwright.json' }]],
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // Expectations that await an event end with it; the limits are for machines that are busy with other things.
  timeout: 60_000,
  expect: { timeout: 30_000 },
  use: { launchOptions: launchOptions() },
})
