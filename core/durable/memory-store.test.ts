import { describe, test } from 'vitest'
import { testStore } from '../testing/index.js'
import { memoryStore } from './memory-store.js'

testStore({
  name: 'memoryStore()',
  runner: { describe, test },
  open: () => ({ open: memoryStore }),
  skip: [
    {
      reason: 'each has its own records, which end with it',
      tests: [
        'shows two stores of one place the commits of each other',
        'makes exactly one of two commits that race, 500 times',
        'makes exactly one of two commits that race for a record that is absent, 500 times',
        'finds all of it when it is opened again',
      ],
    },
  ],
})
