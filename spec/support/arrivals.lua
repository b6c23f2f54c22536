-- Counts the requests that reached a sandbox, and looks up what is in it.
local arrivals = {}

--- Counts the requests since the journal was last emptied.
---@param server table a sandbox's handle
---@return table<string, integer> counts by "METHOD path", the path below the account
function arrivals.count(server)
  local counts = {}
  for _, entry in ipairs(assert(server:requests())) do
    local path = entry.path:gsub("^/v1/Account/[^/]+/", ""):gsub("^NumberPool/[^/]+/", "")
    local name = entry.method .. " " .. path
    counts[name] = (counts[name] or 0) + 1
  end
  return counts
end

local function find(list, name, value)
  for _, entry in ipairs(list) do
    if entry[name] == value then
      return entry
    end
  end
  return nil
end

--- The sandbox's state, with two functions that search it.
---@param server table
---@return table state
function arrivals.state(server)
  local state = assert(server:state())
  local account = assert(find(state.accounts, "auth_id", server.auth_id))

  --- How often calls have rented a number and given it back: { rents, unrents }.
  function state.ledger(number)
    local entry = find(account.ledger, "number", number) or { rents = 0, unrents = 0 }
    return { rents = entry.rents, unrents = entry.unrents }
  end

  function state.is_rented(number)
    for _, rented in ipairs(account.rented) do
      if rented == number then
        return true
      end
    end
    return false
  end

  --- An entry of a pool's list ("numbers", "tollfree" or "shortcodes"), or nil.
  function state.entry(pool, list, value)
    local found = assert(find(state.pools, "uuid", pool), "no pool " .. pool)
    return find(found[list], list == "shortcodes" and "shortcode" or "number", value)
  end

  function state.powerpack(name, value)
    return find(state.powerpacks, name, value)
  end

  return state
end

return arrivals
