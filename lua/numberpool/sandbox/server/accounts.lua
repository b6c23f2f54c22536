--- Accounts, and which of them sent a request.
local database = require "numberpool.sandbox.server.database"
local identifiers = require "numberpool.sandbox.server.identifiers"

local accounts = {}

local MAX_RECOGNISED = 1000

-- Accounts by headers that were right. They stay so: an account is never removed.
local recognised = {}
local recognised_count = 0

local function insert()
  local account = { auth_id = identifiers.auth_id(), auth_token = identifiers.auth_token() }
  database.run("INSERT INTO accounts (auth_id, auth_token) VALUES (?, ?)", account.auth_id, account.auth_token)
  return account
end

--- Makes an account.
---@return { auth_id: string, auth_token: string }
function accounts.create()
  return database.transaction(insert)
end

--- The account that a sandbox begins with, which `seed` fills.
---@return { id: integer, auth_id: string, auth_token: string }?
function accounts.first()
  local row = database.row "SELECT id, auth_id, auth_token FROM accounts ORDER BY id LIMIT 1"
  return row and { id = row[1], auth_id = row[2], auth_token = row[3] }
end

local function check(header)
  local encoded = header:match "^[Bb][Aa][Ss][Ii][Cc] +(%S+) *$"
  local plain = encoded and ngx.decode_base64(encoded)
  local auth_id, token = (plain or ""):match "^([^:]+):(.*)$"
  if not auth_id then
    return nil
  end
  local row = database.row("SELECT id, auth_token, auth_id FROM accounts WHERE auth_id = ?", auth_id)
  if row and row[2] == token and row[3] == auth_id then
    return { id = row[1], auth_id = auth_id }
  end
end

--- The account whose credentials are in an Authorization header.
---@param header any
---@return { id: integer, auth_id: string }?
function accounts.authenticate(header)
  if type(header) ~= "string" then
    return nil
  end
  local account = recognised[header]
  if account then
    return account
  end
  account = check(header)
  if account then
    if recognised_count == MAX_RECOGNISED then
      recognised, recognised_count = {}, 0
    end
    recognised[header] = account
    recognised_count = recognised_count + 1
  end
  return account
end

return accounts
