-- carrying: what a run that continues as new hands on: the entries that its commit names, and the signals and the request to
-- end that came after the last turn had stepped all it saw.
--
-- Where that is too much for one script, the next run is prepared before the commit: pages are copied to the history of a run
-- "0:<nonce of the claim>", which nothing lists, and which goes away by itself if no commit follows. Its hash has two
-- fields more: copied = how many of the named entries it has, position = the entry of the old run to look at next.

local function isForNext(kind)
  return kind == 'signalled' or kind == 'cancelRequested'
end

-- Copies an entry.
local function carry(next, kind, value, now)
  append(next, kind, 0, type(value) == 'table' and value[2] or string.match(value, '^%d+ %d+ (.*)$'), now)
  if kind == 'cancelRequested' then call('HSET', next.key, 'cancel', 1) end
end

-- Adds kind and value of each of the entries with these numbers to `out`, until they have so many bytes. Answers how many
-- numbers it looked at, and the bytes that are left.
local function readNamed(ref, numbers, bytes, out)
  local history = base .. 'history:' .. ref
  local count = 0
  while count < #numbers and bytes > 0 do
    count = count + 1
    local number, entry = tonumber(numbers[count]), {}
    local _, size = readHistory(ref, number - 1, number, 1, bytes, entry)
    if isForNext(entry[1]) then
      out[#out + 1], out[#out + 2] = entry[1], entry[2]
      bytes = bytes - size
    end
  end
  return count, bytes
end

-- Adds kind and value of what is for the next run from an entry on to `out`. Answers the entry to go on with.
local function readUnseen(run, position, limit, bytes, out)
  local entries = {}
  local count = readHistory(run.ref, position - 1, run.last, limit, bytes, entries)
  for index = 1, 2 * count, 2 do
    if isForNext(entries[index]) then
      out[#out + 1], out[#out + 2] = entries[index], entries[index + 1]
    end
  end
  return position + count
end
