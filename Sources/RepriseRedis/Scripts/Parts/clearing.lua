-- clearing: what a run leaves behind that closed with more than one script may remove, or with a turn of which effects are
-- staged, see closing.lua. Its operations are no longer "ops:<run>" but "remains:<run>": what comes for them finds nothing. A
-- message "remains" stays at the front of the outbox until all is done, so that messages keep their order.

-- Carries out a page of it: first of the effects, then of what the end of the run removes.
local function clearPage(ref, now)
  local run = { ref = ref, stuck = 0 }
  local staged, remains = base .. 'staged:' .. ref, base .. 'remains:' .. ref
  local applyEffects, removeAll, takePage = effects()
  local page, part = takePage(staged)
  if page then
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
