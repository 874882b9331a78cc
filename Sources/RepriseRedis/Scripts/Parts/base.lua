-- base: the beginning of every script.
-- KEYS[1] is the partition's meta key, "{ns:p}:meta", which carries the hash tag. Every other key is computed from it:
-- a run's reference comes out of lists and sorted sets inside the script, so its keys can't be declared; they have the
-- same tag and so are in the same slot.
--
-- A run reference is "<run number>:<workflow id>". Numbers are concatenated only below 1e14, where Lua writes all
-- digits; due times that a client chose may be larger: they go through digits().
--
-- A local variable is found several times faster than a global one.
local redis, string, table, math, KEYS, ARGV = redis, string, table, math, KEYS, ARGV
local tonumber, type, unpack, pcall = tonumber, type, unpack, pcall
local call = redis.call
local meta = KEYS[1]
local base = string.sub(meta, 1, -5)
-- From so many bytes on the payload of an entry is a field of its own: Redis' Lua needs a millisecond to make a string of a
-- megabyte.
local longPayload = 65536
-- The states of a run that has ended.
local closedStates = { completed = true, failed = true, cancelled = true, terminated = true, continuedAsNew = true }
-- How many bytes the first node of a stream has; work.lua knows it better.
local streamNodeBytes = 4096
-- What a closed run counts beside its history, see Retention.bytesPerRun.
local bytesPerRun = 1024

-- What a script that does many things shares among them, see together.lua; nil in all others.
local together
-- Writes what is shared and not written yet.
local saveTogether

-- The server's clock in whole milliseconds. Call it once per script.
local function clock()
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- All digits of a whole number. Lua's own way to make text of a number goes through a decimal fraction, and takes five times
-- as long.
local function digits(number)
  return string.format('%d', number)
end
