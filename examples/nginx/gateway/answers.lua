-- Answers that are kept for all workers. A fresh one is given as it is; a stale one as well, while one timer of one
-- worker fetches a new one; where there is none, one request fetches it and the others wait.
local answers = {}

local FRESH = tonumber(os.getenv "GATEWAY_FRESH" or "") or 10 -- seconds
local STALE = 3600 -- seconds that an old answer is still given, if no newer one can be had
local HELD = 40 -- seconds after which somebody who fetches is taken for dead; longer than the client's timeout
local POLL = 0.01

local dictionary = ngx.shared.answers

-- What was kept before a change is left behind under names that nobody asks for any more.
local function name_of(key)
  return (dictionary:get "generation" or 0) .. " " .. key
end

--- The pool was changed: nothing that was kept holds.
function answers.forget()
  dictionary:incr("generation", 1, 0)
end

local function keep(name, status, body)
  dictionary:set(name, body, STALE, status)
  dictionary:set("fresh " .. name, true, FRESH)
end

-- Fetches an answer and keeps it, if it is worth that. Whoever calls it holds the lock.
local function fetch(name, fetch_answer)
  local ok, status, body = pcall(fetch_answer)
  if ok and (status == 200 or status == 404) then
    keep(name, status, body)
  end
  dictionary:delete("lock " .. name)
  if not ok then
    error(status, 0)
  end
  return status, body
end

local function refresh(is_premature, name, fetch_answer)
  if is_premature then -- the worker is about to end
    dictionary:delete("lock " .. name)
    return
  end
  local status, body = fetch(name, fetch_answer)
  if status ~= 200 and status ~= 404 then
    ngx.log(ngx.WARN, "an old answer is given on, since a new one can't be had: ", body)
  end
end

local function lock(name)
  return dictionary:add("lock " .. name, true, HELD)
end

local function refresh_later(name, fetch_answer)
  if lock(name) and not ngx.timer.at(0, refresh, name, fetch_answer) then
    dictionary:delete("lock " .. name)
  end
end

--- The answer to a question, from what is kept if possible.
---@param key string
---@param fetch_answer fun(): integer, string status and body; it may be called in a timer
---@return integer status
---@return string body
---@return string how hit, stale or miss
function answers.get(key, fetch_answer)
  local name = name_of(key)
  while true do
    local body, status = dictionary:get(name)
    if body then
      if dictionary:get("fresh " .. name) then
        return status, body, "hit"
      end
      refresh_later(name, fetch_answer)
      return status, body, "stale"
    elseif lock(name) then
      status, body = fetch(name, fetch_answer)
      return status, body, "miss"
    end
    ngx.sleep(POLL)
  end
end

return answers
