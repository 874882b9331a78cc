-- stage: writes a page of a large turn's effects, before the commit.
--
-- ARGV: run, nonce, epoch, how many pages there are before this one, the part of the turn that the effects refer to, then
--       effects as committing.lua has them
-- Reply: "staged" or "fenced"
-- Checks first: that the claim stands. The first page replaces what an earlier try has left; a page that is there already
-- is not written again. What no commit follows goes away by itself. The HDEL lets it pass at maxmemory.
local run = load(ARGV[1])
local claim = ARGV[3] .. ' ' .. ARGV[2] .. ' '
if not run or run.state ~= 'leased' or string.sub(run.claim, 1, #claim) ~= claim then return 'fenced' end
local staged, before = base .. 'staged:' .. run.ref, tonumber(ARGV[4])
call('HDEL', meta, '-')
if before == 0 then
  call('DEL', staged)
  call('RPUSH', staged, ARGV[2])
  call('EXPIRE', staged, 600)
end
if call('LLEN', staged) == 2 * before + 1 then
  local page = {}
  for index = 6, #ARGV do page[index - 5] = ARGV[index] end
  call('RPUSH', staged, cmsgpack.pack(page), ARGV[5])
end
return 'staged'
