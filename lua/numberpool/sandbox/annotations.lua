---@meta numberpool.sandbox.annotations

--- What the sandbox's functions take and return, for editors and for the reference. Nothing requires this file.
-- @module numberpool.sandbox.annotations

--- What `start` takes.
---@class numberpool.sandbox.Options
---@field port integer? on 127.0.0.1; default 0: any free one
---@field db string? path of an SQLite file to keep; default: a temporary one
---@field tls boolean? HTTPS and HTTP/2, with an authority of its own: `server.ca_file`; default false
---@field rate boolean|numberpool.sandbox.Rate|nil 429 past this limit; true: 300 in 5 seconds; default false: no limit
---@field workers integer? processes of nginx, 1 to 64; default 1
---@field strict boolean? only numbers that the account has rented can be added; default false
---@field quirks numberpool.sandbox.Quirk[]? how answers differ, as the real API's do at times; default: not at all

--- The rate limit of each account, over a sliding window.
---@class numberpool.sandbox.Rate
---@field requests integer 1 to 100000
---@field seconds number more than 0, at most 3600

--- How answers differ, as the real API's do at times.
---@alias numberpool.sandbox.Quirk
---| "capped_pages" # a list has 10 entries a page, whatever `limit` says
---| "delete_204" # a deletion answers 204 and no body
---| "empty_404" # a 404 has the body `{}`
---| "nested_error" # the body of an error is `{ error = { error = … } }`
---| "no_meta" # an empty list has no meta
---| "no_service" # a single number has no service
---| "numberpool_uuid" # the field number_pool_uuid has this name
---| "unusable_next" # meta.next is a path that leads nowhere

--- What fills a pool: counts, or lists of numbers or of tables.
---@class numberpool.sandbox.Seed
---@field numbers integer|(string|integer|numberpool.sandbox.SeedNumber)[]|nil
---@field tollfree integer|(string|integer|numberpool.sandbox.SeedNumber)[]|nil
---@field shortcodes integer|(string|integer|numberpool.sandbox.SeedShortcode)[]|nil
---@field name string? of the powerpack

--- A number to seed.
---@class numberpool.sandbox.SeedNumber
---@field number string|integer digits
---@field service string? `sms` or `mms`; default `sms`

--- A shortcode to seed.
---@class numberpool.sandbox.SeedShortcode
---@field shortcode string|integer digits
---@field country_iso2 string? `US` or `CA`; default: the first that no other shortcode has

--- The uuids of what was seeded.
---@class numberpool.sandbox.Seeded
---@field powerpack string
---@field pool string

--- What a fault does to an answer.
---@alias numberpool.sandbox.FaultKind
---| "status" # answers with `status`, `headers` and `body`
---| "delay" # answers after `seconds`
---| "reset" # a TCP reset; over HTTP/2 a stream error
---| "truncate" # closes the connection within the body
---| "garbage" # answers with a body that isn't JSON
---| "stall" # sends the head of an answer, then nothing
---| "huge" # answers with 64 MiB

--- How requests go wrong. The first fault that matches a request is used.
---@class numberpool.sandbox.Fault
---@field kind numberpool.sandbox.FaultKind
---@field method string? of HTTP; default: any
---@field path string? a Lua pattern without `%1` to `%9`, matched anywhere in the path; default: any
---@field times integer? how often it is used; default: without end
---@field probability number? that it is used on a request that matches, 0 to 1; default 1
---@field seed integer? with one, it is used on the same requests in each run
---@field when "before"|"after"|nil whether it comes before or after the change is made; default before
---@field status integer? of the answer, 200 to 599
---@field headers table<string,string>? of the answer
---@field body string|table|nil of the answer; a table is sent as JSON
---@field seconds number? before the answer, or before a begun one ends; default: 1 for delay, a day for stall, else 0

--- A request as it came, and the status of its answer.
---@class numberpool.sandbox.Request
---@field method string
---@field path string without the query
---@field query string as it was sent
---@field headers table<string,string> names in lower case; credentials are `Basic ***`, cookies `***`
---@field body string its first 64 KiB
---@field status integer? nil where no answer was sent
---@field fault numberpool.sandbox.FaultKind? that was used on it

--- Everything in the sandbox.
---@class numberpool.sandbox.State
---@field accounts table[] each with its `rented` numbers, and a `ledger`: how often each was rented and given back
---@field powerpacks table[]
---@field pools table[] each with its `numbers`, `tollfree` and `shortcodes`

--- Another account.
---@class numberpool.sandbox.Account
---@field auth_id string
---@field auth_token string

return {}
