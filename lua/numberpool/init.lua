--- The NumberPool API of Plivo: pools of phone numbers, shortcodes and toll-free numbers.
--
--     local numberpool = require "numberpool"
--     local client = assert(numberpool.new())
--     local pool = assert(client:pool "a number pool's uuid")
--     print(pool:count_numbers())
--
-- @module numberpool

require "numberpool.core" -- says at once what is missing; the rest is loaded with the first client

local numberpool = {}

--- The version of the library.
numberpool._VERSION = require "numberpool.version"

--- What `numberpool.new` takes. Times are in seconds.
---@class numberpool.Options
---@field auth_id string? default: PLIVO_AUTH_ID in the environment
---@field auth_token string? default: PLIVO_AUTH_TOKEN in the environment
---@field base_url string? default: NUMBERPOOL_BASE_URL in the environment, then `https://api.plivo.com`
---@field timeout number? one call as the caller sees it; default 30
---@field attempt_timeout number? one HTTP exchange; default 10
---@field connect_timeout number? default 5
---@field retries integer? tries after the first, 0 to 100; default 4, 0 turns retrying off
---@field rate { requests: integer, seconds: number }|false|nil the account's limit; default 300 in 5; false: none
---@field max_body integer? bytes of decoded response body; default 8 MiB
---@field ca_file string? certificates to trust, instead of the system's; not inside nginx
---@field proxy string? [scheme://][user:password@]host[:port]; "" for none; default: the environment's
---@field insecure boolean? true: no warning of a base_url on another machine without TLS; default false
---@field on_event fun(event: numberpool.Event)? called for everything that happens to a call
---@field runtime "curl"|"nginx"|nil default: found from where the code runs

--- Makes a client for an account. Raises for an unknown option or a wrong Lua type.
---@param options numberpool.Options|numberpool.sandbox.Server|nil options, or a sandbox's handle
---@return numberpool.Client?
---@return numberpool.Error? err of kind `config`
function numberpool.new(options)
  local client = require "numberpool.client"
  require "numberpool.client.operations"
  require "numberpool.jobs"
  local made, err = client.new(options, 2) -- no tail call: errors are raised at our caller's level
  return made, err
end

return numberpool
