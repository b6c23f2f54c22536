---@meta numberpool.sandbox.annotations

--- What the sandbox's functions take and give: for editors and for the reference. Nothing requires this file.
-- @module numberpool.sandbox.annotations

--- What `start` takes.
---@class numberpool.sandbox.Options
---@field port integer? on 127.0.0.1; default 0: any free one
---@field db string? path of an SQLite file to keep; default: a temporary one
---@field tls boolean? HTTPS and HTTP/2, with a certificate of its own: `server.ca_file`; default false
---@field rate boolean|numberpool.sandbox.Rate|nil 429 past it; true: 300 in 5 seconds; default false: no limit
---@field workers integer? processes, 1 to 64; default 1
---@field strict boolean? only numbers that the account has rented can be added; default false
---@field quirks numberpool.sandbox.Quirk[]? oddities of the real API; default: none

--- A limit for an account, over a sliding window.
---@class numberpool.sandbox.Rate
---@field requests integer 1 to 100000
---@field seconds number more than 0, at most 3600

--- Oddities of the real API.
---@alias numberpool.sandbox.Quirk
---| "capped_pages" # a list has 10 entries a page, whatever `limit` says
---| "delete_204" # a deletion answers 204 and no body
---| "empty_404" # a 404 has the body `{}`
---| "nested_error" # `{ error = { error = … } }`
---| "no_meta" # an empty list has no meta
---| "no_service" # GET of a number lacks its service
---| "numberpool_uuid" # instead of number_pool_uuid
---| "unusable_next" # meta.next is a path that leads nowhere

--- What fills a pool: counts, or lists of strings or tables.
---@class numberpool.sandbox.Seed
---@field numbers integer|(string|integer|numberpool.sandbox.SeedNumber)[]|nil
---@field tollfree integer|(string|integer|numberpool.sandbox.SeedNumber)[]|nil
---@field shortcodes integer|(string|integer|numberpool.sandbox.SeedShortcode)[]|nil
---@field name string? the powerpack's

--- A number to seed.
---@class numberpool.sandbox.SeedNumber
---@field number string|integer digits
---@field service string? `sms` or `mms`

--- A shortcode to seed.
---@class numberpool.sandbox.SeedShortcode
---@field shortcode string|integer digits
---@field country_iso2 string? `US` or `CA`

--- What was seeded: uuids.
---@class numberpool.sandbox.Seeded
---@field powerpack string
---@field pool string

--- What a fault does to an answer.
---@alias numberpool.sandbox.FaultKind
---| "status" # answers with `status`, `headers` and `body`
---| "delay" # answers after `seconds`
---| "reset" # a TCP reset; over HTTP/2 a stream error
---| "truncate" # closes within the body
---| "garbage" # answers with what isn't JSON
---| "stall" # sends headers, and then nothing
---| "huge" # answers with 64 MiB

--- How requests go wrong. The first fault that matches is used.
---@class numberpool.sandbox.Fault
---@field kind numberpool.sandbox.FaultKind
---@field method string? of HTTP; default: any
---@field path string? a Lua pattern without `%1` to `%9`, matched anywhere in the path; default: any
---@field times integer? default: without end
---@field probability number? 0 to 1; default 1
---@field seed integer? of the probability's dice
---@field when "before"|"after"|nil whether the change is made first; default before
---@field status integer? of kind status
---@field headers table<string,string>? of the answer
---@field body string? of the answer
---@field seconds number? of kinds delay and stall

--- A request as it arrived, and the status it got.
---@class numberpool.sandbox.Request
---@field method string
---@field path string without the query
---@field query string raw
---@field headers table<string,string> names in lower case; credentials are `Basic ***`, cookies `***`
---@field body string its first 64 KiB
---@field status integer
---@field fault numberpool.sandbox.FaultKind? that was used on it

--- What the sandbox holds.
---@class numberpool.sandbox.State
---@field accounts table[] each with what it has `rented`, and a `ledger` of it
---@field powerpacks table[]
---@field pools table[] each with its `numbers`, `tollfree` and `shortcodes`

--- Another account.
---@class numberpool.sandbox.Account
---@field auth_id string
---@field auth_token string

return {}
