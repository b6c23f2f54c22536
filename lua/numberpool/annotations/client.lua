---@meta numberpool.annotations.client

--- The methods of a client that aren't written out in numberpool.client, and the events that its hook gets: for editors
-- and for the reference. Nothing requires this file.
-- @module numberpool.annotations.client

-- luacheck: ignore 212 241

---@class numberpool.Client
local Client = {}

--- Numbers that can be rented, a page of at most 20. Section: PhoneNumber.
---@param options numberpool.SearchOptions?
---@return numberpool.OfferPage?
---@return numberpool.Error? err
function Client:search_numbers(options) end

--- Runs `fn(item, index)` for every item, with several of them at a time: while a call of the client waits in one,
-- others go on. An iterator that raises ends the input; what it raised is raised again once nothing is in flight. After
-- Ctrl-C it raises an error object of kind `interrupted`, with a `report`.
---@param items numberpool.Items
---@param fn numberpool.MapFunction
---@param options numberpool.MapOptions?
---@return numberpool.MapResult[]? results in the order of the items
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is run
function Client:map(items, fn, options) end

--- What an event is about.
---@alias numberpool.EventType
---| "attempt" # a request is sent
---| "response" # an answer came, or none did
---| "retry" # the call waits, and tries again
---| "look" # the call reads what an unclear change did
---| "throttled" # the call waits for the rate limit
---| "result" # the call is over
---| "warning" # from numberpool.new: the credentials go to another machine without TLS

--- What `on_event` gets.
---@class numberpool.Event
---@field type numberpool.EventType
---@field operation string name of the method
---@field target string? number, shortcode or uuid that the call is about
---@field attempt integer? tries made so far
---@field status integer? HTTP status
---@field wait number? seconds
---@field reason string? kind of the error that led to this; the text of a warning
---@field elapsed number? seconds
---@field err numberpool.Error? of a call that failed

return {}
