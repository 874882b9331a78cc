-- carry: copies a page of what a run that is about to continue as new hands on, see Parts/carrying.lua.
--
-- ARGV: run, nonce, epoch, through, start record of the next run, "1" to begin anew, limit of entries, limit of bytes,
--       how many named entries there are in all, how many of them come before those in this call, and their numbers
-- Reply: "done", or "more" if there is more to copy, named or not, "gone" if the prepared run is, or "fenced"; and how many of
--        the named entries are copied
-- Checks first: that the claim stands. A page that is there already is not copied again. The HDEL lets it pass at maxmemory.
local nonce, through, limit, bytes = ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[7]), tonumber(ARGV[8])
local run = load(ARGV[1])
local claim = ARGV[3] .. ' ' .. nonce .. ' '
if not run or run.state ~= 'leased' or string.sub(run.claim, 1, #claim) ~= claim then return { 'fenced', 0 } end
local now = clock()
local prepared = '0:' .. nonce
local key, history = base .. 'run:' .. prepared, base .. 'history:' .. prepared
call('HDEL', meta, '-')
if ARGV[6] == '1' then
  local header, record = now .. ' 0 ', ARGV[5]
  call('UNLINK', key, history)
  if #record < longPayload then
    call('XADD', history, '1-0', 'started', header .. record)
  else
    call('XADD', history, '1-0', 'started', header, '', record)
  end
  call('HSET', key, 'state', 'idle 1 1 0 ' .. now .. ' ' .. #header + #record, 'started', now, 'copied', 0, 'position',
    through + 1)
  call('EXPIRE', key, 600)
  call('EXPIRE', history, 600)
end
local next = load(prepared)
if not next or call('EXISTS', history) == 0 then return { 'gone', 0 } end
local fields = call('HMGET', key, 'copied', 'position')
local copied, position = tonumber(fields[1]), tonumber(fields[2])

local numbers, entries = {}, {}
for index = 11 + copied - ARGV[10], #ARGV do
  if index < 11 or #numbers == limit then break end
  numbers[#numbers + 1] = ARGV[index]
end
local count, left = readNamed(run.ref, numbers, bytes, entries)
copied = copied + count
if copied == tonumber(ARGV[9]) and count < limit and left > 0 and position <= run.last then
  position = readUnseen(run, position, limit - count, left, entries)
end
for index = 1, #entries, 2 do carry(next, entries[index], entries[index + 1], now) end
save(next, 'copied', copied, 'position', position)
return { (copied < tonumber(ARGV[9]) or position <= run.last) and 'more' or 'done', copied }
