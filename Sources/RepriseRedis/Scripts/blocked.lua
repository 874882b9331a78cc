-- blocked: lists blocked runs, those first that have been for longest. Writes nothing.
--
-- ARGV: the run after which to begin, and since when it is blocked ('' and '' = with the first), limit
-- Reply: for each run what describing.lua tells of it
local blocked, limit = base .. 'blocked', tonumber(ARGV[3])

-- By bytes, as Redis orders members of one score; what < says depends on the server's locale.
local function isLater(member, than)
  for index = 1, #member do
    local one, other = string.byte(member, index), string.byte(than, index) or -1
    if one ~= other then return one > other end
  end
  return false
end

-- How many come before the page. The run itself may be gone, so it is looked for where it would be, by halves: however many
-- were blocked in its millisecond.
local first = 0
if ARGV[2] ~= '' then
  first = call('ZCOUNT', blocked, '-inf', '(' .. ARGV[2])
  local last = first + call('ZCOUNT', blocked, ARGV[2], ARGV[2])
  while first < last do
    local middle = math.floor((first + last) / 2)
    if isLater(call('ZRANGE', blocked, middle, middle)[1], ARGV[1]) then last = middle else first = middle + 1 end
  end
end
local page = call('ZRANGE', blocked, first, first + limit - 1)
local out = {}
for index = 1, #page do out[#out + 1] = describe(page[index]) end
return out
