-- clearing: what a run leaves behind that closed with more than one script may remove, or with a turn of which effects are
-- staged, see closing.lua. Its operations are no longer "ops:<run>" but "remains:<run>": what comes for them finds nothing. A
-- message "remains" stays at the front of the outbox until all is done, so that messages keep their order.

-- How many arguments an effect has, see committing.lua.
local lengths = { a = 6, t = 3, n = 9, s = 4, c = 2 }

-- The effects of a page that outlive the run: activities and timers would be removed at once.
local function outliving(page)
  local args, position = {}, 1
  while position <= #page do
    local effect = page[position]
    if effect ~= 'a' and effect ~= 't' then
      for index = 0, lengths[effect] - 1 do args[#args + 1] = page[position + index] end
    end
    position = position + lengths[effect]
  end
  return args
end

-- Carries out a page of it: first of the effects, then of what the end of the run removes.
local function clearPage(ref, now)
  local run = { ref = ref, stuck = 0 }
  local staged, remains = base .. 'staged:' .. ref, base .. 'remains:' .. ref
  local applyEffects, removeAll, takePage = effects()
  local page, part = takePage(staged)
  if page then
    page = outliving(page)
    applyEffects(run, remains, page, 1, #page, part, '', now)
  else
    local fields = call('HRANDFIELD', remains, 512)
    if #fields > 0 then
      removeAll(run, remains, fields)
      call('HDEL', remains, unpack(fields))
    end
  end
  if call('EXISTS', staged, remains) > 0 then send('remains', ref) end
end
