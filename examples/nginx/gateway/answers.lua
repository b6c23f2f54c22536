-- Keeps answers for all workers. A fresh answer is returned at once. So is a stale one, while a timer of one worker
-- fetches a new one. If there is none, one request fetches it and the others wait for it.
local answers = {}

local FRESH = tonumber(os.getenv "GATEWAY_FRESH" or "") or 10 -- seconds
local STALE = 3600 -- seconds for which an old answer is returned while no newer one can be fetched
local FAILED = 1 -- seconds for which a failure is kept for the requests that wait
local POLL = 0.01 -- seconds between looks of a request that waits

--- Seconds that one call of the API may take.
answers.TIMEOUT = tonumber(os.getenv "GATEWAY_TIMEOUT" or "") or 30

-- Seconds after which an attempt counts as dead, and nobody waits for it any more.
local LONGEST = answers.TIMEOUT + 1

local dictionary = ngx.shared.answers

-- Names contain a generation. After a change nobody asks for the names of an older one.
local function name_of(key)
  return (dictionary:get "generation" or 0) .. " " .. key
end

--- Forgets all answers, since the pool was changed.
function answers.forget()
  dictionary:incr("generation", 1, 0)
end

local function new_attempt()
  return dictionary:incr("attempts", 1, 0)
end

-- The lock has the number of the attempt, so that requests know which one they wait for.
local function lock(name, attempt)
  return dictionary:add("lock " .. name, attempt, LONGEST)
end

local function unlock(name, attempt)
  if dictionary:get("lock " .. name) == attempt then -- another attempt has it where this one counted as dead
    dictionary:delete("lock " .. name)
  end
end

local function is_worth_keeping(status)
  return status == 200 or status == 404
end

local function keep(name, attempt, status, body)
  if is_worth_keeping(status) then
    dictionary:set(name, body, STALE, status)
    dictionary:set("fresh " .. name, true, FRESH)
  else
    dictionary:set("failure " .. attempt, body, FAILED, status)
  end
end

-- Fetches an answer, keeps it and unlocks. The caller must have the lock.
local function fetch(name, attempt, fetch_answer)
  local ok, status, body = pcall(fetch_answer)
  if ok then
    keep(name, attempt, status, body)
  end
  unlock(name, attempt)
  if not ok then
    error(status, 0)
  end
  return status, body
end

local function refresh(is_premature, name, attempt, fetch_answer)
  if is_premature then -- the worker is about to end
    unlock(name, attempt)
    return
  end
  local status, body = fetch(name, attempt, fetch_answer)
  if not is_worth_keeping(status) then
    ngx.log(ngx.WARN, "an old answer is returned, since no new one can be fetched: ", body)
  end
end

local function refresh_later(name, fetch_answer)
  local attempt = new_attempt()
  if lock(name, attempt) and not ngx.timer.at(0, refresh, name, attempt, fetch_answer) then
    unlock(name, attempt)
  end
end

-- Returns a kept answer, or the failure of the attempt that was waited for; nil where there is neither.
local function look_up(name, fetch_answer, awaited)
  local body, status = dictionary:get(name)
  if body and dictionary:get("fresh " .. name) then
    return status, body, "hit"
  elseif body then
    refresh_later(name, fetch_answer)
    return status, body, "stale"
  elseif awaited then
    body, status = dictionary:get("failure " .. awaited)
    return status, body, "miss"
  end
end

--- The answer to a question: a kept one if possible.
---@param key string
---@param fetch_answer fun(): integer, string returns status and body; may be called in a timer
---@return integer? status nil where another request's attempt took too long
---@return string? body
---@return "hit"|"stale"|"miss" how
function answers.get(key, fetch_answer)
  local name = name_of(key)
  local deadline = ngx.now() + LONGEST
  local attempt, awaited
  repeat
    local status, body, how = look_up(name, fetch_answer, awaited)
    if status then
      return status, body, how
    end
    attempt = attempt or new_attempt()
    if lock(name, attempt) then
      status, body = fetch(name, attempt, fetch_answer)
      return status, body, "miss"
    end
    awaited = dictionary:get("lock " .. name)
    ngx.sleep(POLL)
  until ngx.now() > deadline
  return nil, nil, "miss"
end

return answers
