import type { StoreCommit } from '../../core/adapter.js'
import { ownerOf, textOfKey } from '../base/record-key.js'
import { Script } from '../engines/redis-scripts.js'

/** The fields of a hash and their values, in turn. */
export const READ = new Script("return redis.call('HGETALL', KEYS[1])")

/**
 * Makes commits one after the other, as one step.
 *
 *     KEYS  1 what the last call of this store did, then the hashes of the owners
 *     ARGV  the number of this call, how many commits; for each commit what it expects, how many changes it has, and these
 *
 * What is expected: 0 for nothing; 1, hash, field for a record that is absent; 2, hash, field, value.
 * A change: hash, field, then 0, or 1 and the value.
 *
 * A call that comes twice, as a client sends it again after it connected again, is done once and gets the same answer; one
 * that comes after a later one does nothing. What the last call did is kept for a day.
 */
export const COMMIT = new Script(`
local number = tonumber(ARGV[1])
local last = redis.call('GET', KEYS[1])
if last then
  local other, made = string.match(last, '^(%d+) (%d*)$')
  if tonumber(other) == number then return made end
  if tonumber(other) > number then return redis.error_reply('LATE a later commit was made') end
end
local at = 1
local function take()
  at = at + 1
  return ARGV[at]
end
local function hash()
  return KEYS[1 + tonumber(take())]
end
local made = {}
for n = 1, tonumber(take()) do
  local expects = take()
  local holds = true
  if expects ~= '0' then
    local found = redis.call('HGET', hash(), take())
    if expects == '1' then holds = not found else holds = found == take() end
  end
  for change = 1, tonumber(take()) do
    local key, field = hash(), take()
    if take() == '1' then
      local value = take()
      if holds then redis.call('HSET', key, field, value) end
    elseif holds then
      redis.call('HDEL', key, field)
    end
  end
  made[n] = holds and '1' or '0'
end
local answer = table.concat(made)
redis.call('SET', KEYS[1], number .. ' ' .. answer, 'PX', 86400000)
return answer
`)

/** The owners of all records in these commits, and the arguments of the script behind the number of the call. */
export function argumentsOf(commits: readonly StoreCommit[]): { owners: string[]; args: (string | Uint8Array)[] } {
  const owners = new Map<string, number>()
  const placeOf = (key: string): string => {
    const owner = ownerOf(key)
    const place = owners.get(owner) ?? owners.size + 1
    owners.set(owner, place)
    return String(place)
  }
  const args: (string | Uint8Array)[] = [String(commits.length)]
  for (const { expected, changes } of commits) {
    if (!expected) args.push('0')
    else {
      args.push(expected.value ? '2' : '1', placeOf(expected.key), textOfKey(expected.key))
      if (expected.value) args.push(expected.value)
    }
    args.push(String(changes.length))
    for (const { key, value } of changes) {
      args.push(placeOf(key), textOfKey(key), value ? '1' : '0')
      if (value) args.push(value)
    }
  }
  return { owners: [...owners.keys()], args }
}
