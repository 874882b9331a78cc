-- guarding: what can't be read stops nobody else. It is put aside, into the hash "corrupt": what it was -> why. The run that
-- it belongs to is blocked, if it isn't held.

-- The run that a member of leases or timers is about, if it can be read; "p:<run>" is a page of effects, "b:<run>" a
-- blocked run.
local function runOf(item)
  local ref = string.match(item, '^[trqea]:%d+:(.*)$') or string.match(item, '^[wsdpb]:(.*)$')
  return ref and load(ref)
end

local function putAside(item, why)
  local aside = base .. 'corrupt'
  if call('HLEN', aside) < 1000 then call('HSET', aside, item, string.sub(why, 1, 512)) end
  local run = runOf(item)
  if run and not run.closed and run.state ~= 'leased' and run.state ~= 'blocked' then
    block(run, 'what is stored of it can\'t be read: ' .. why, '', '', '', clock())
    save(run)
  end
end

-- Calls a function about one item of many. If that fails, because what is stored of the item can't be read, the item is put
-- aside; nil then.
local function guarded(item, step, ...)
  local isDone, answer = pcall(step, ...)
  if isDone then return answer end
  local why = type(answer) == 'table' and answer.err or tostring(answer)
  if refuses(why) then refused(why) end
  -- Without the place in the script.
  putAside(item, string.match(why, '^user_script:%d+: (.*)$') or why)
end
