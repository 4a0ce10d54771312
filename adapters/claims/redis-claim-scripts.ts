import { Script } from '../engines/redis-scripts.js'

/**
 *     KEYS  1 a hash: name to 'token id value'; 2 a sorted set: names by the end of their leases; 3 the last token
 *
 * Times are those of the server, in ms. Names whose lease is over are removed, some at a time.
 */
const BEGIN = `
local holders, ends, last = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 1000)
for _, name in ipairs(over) do
  redis.call('ZREM', ends, name)
  redis.call('HDEL', holders, name)
end
local function holder(name)
  local found = redis.call('HGET', holders, name)
  local until_ = found and tonumber(redis.call('ZSCORE', ends, name))
  if not until_ or until_ <= now then return nil end
  return string.match(found, '^(%d+) (%S+) (.*)$')
end
`

/** ARGV: name, id, value, lease. Returns 1 or 0, the token and the value. */
export const CLAIM = new Script(`${BEGIN}
local name, id = ARGV[1], ARGV[2]
local token, other, value = holder(name)
if token and other ~= id then return {'0', token, value} end
if not token then
  -- By the clock, so that a server that lost its data gives no token again.
  local number = math.max(tonumber(redis.call('GET', last) or 0) + 1, now * 1000)
  token, value = string.format('%.0f', number), ARGV[3]
  redis.call('SET', last, token)
  redis.call('HSET', holders, name, token .. ' ' .. id .. ' ' .. value)
end
redis.call('ZADD', ends, string.format('%.0f', now + ARGV[4]), name)
return {'1', token, value}
`)

/** ARGV: lease, then names and tokens in turn. Returns a 1 or a 0 for each. */
export const RENEW = new Script(`${BEGIN}
local held = {}
for at = 2, #ARGV, 2 do
  local isHeld = holder(ARGV[at]) == ARGV[at + 1]
  if isHeld then redis.call('ZADD', ends, string.format('%.0f', now + ARGV[1]), ARGV[at]) end
  held[#held + 1] = isHeld and '1' or '0'
end
return table.concat(held)
`)

/** ARGV: name, token. Returns 1 or 0. */
export const RELEASE = new Script(`${BEGIN}
if holder(ARGV[1]) ~= ARGV[2] then return '0' end
redis.call('HDEL', holders, ARGV[1])
redis.call('ZREM', ends, ARGV[1])
return '1'
`)

/** ARGV: name. Returns the token and the value, or nothing. */
export const FIND = new Script(`${BEGIN}
local token, _, value = holder(ARGV[1])
return token and {token, value} or {}
`)

/** Returns name, token and value of each in turn. */
export const LIST = new Script(`${BEGIN}
local all = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', ends, '(' .. string.format('%.0f', now), '+inf')) do
  local token, _, value = holder(name)
  if token then
    all[#all + 1] = name
    all[#all + 1] = token
    all[#all + 1] = value
  end
end
return all
`)
