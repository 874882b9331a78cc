-- trying: what goes wrong with one item of many.

-- Whether an error is a refusal of Redis, which says nothing about what the script was about.
local function refuses(why)
  for _, word in ipairs({ 'OOM', 'READONLY', 'MISCONF', 'NOREPLICAS', 'NOPERM', 'ACL', 'permission', 'run this command' }) do
    if string.find(why, word, 1, true) then return true end
  end
  return false
end

-- Ends the script with a refusal of Redis; ErrorMapping finds its code after the dash.
local function refused(why)
  error('-' .. why, 0)
end

-- Calls a function about one item of many, and answers what it answers, or the error: the others go on.
local function attempted(step, ...)
  local isDone, answer = pcall(step, ...)
  if isDone then return answer end
  local why = type(answer) == 'table' and answer.err or tostring(answer)
  return redis.error_reply(string.match(why, '^%-?(.*)$'))
end
