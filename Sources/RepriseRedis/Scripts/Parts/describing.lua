-- describing: a run as flat text: its reference, the payload of its closing turn (or ""), then its hash's fields and
-- values.
local function describe(ref)
  local fields = call('HGETALL', base .. 'run:' .. ref)
  if #fields == 0 then return nil end
  local closing = ''
  for index = 1, #fields, 2 do
    if fields[index] == 'closed' then
      local entry = call('XREVRANGE', base .. 'history:' .. ref, '+', '-', 'COUNT', 1)[1]
      if entry then closing = string.match(entry[2][2], '^%d+ %d+ (.*)$') or '' end
    end
  end
  return { ref, closing, unpack(fields) }
end
