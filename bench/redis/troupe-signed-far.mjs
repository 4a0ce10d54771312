import { Redis } from 'ioredis'
import { Dispatcher } from 'troupe'
import { redis } from 'troupe/redis'
import { Adder } from '../adder.mjs'
import { ready } from '../broker.mjs'

const client = new Redis(Number(process.argv[2]))
await new Dispatcher().join(redis(client, { key: '0123456789abcdef0123456789abcdef' }), { actors: { Adder } })
ready()
