---@meta numberpool.annotations.options

--- What methods of pools, powerpacks and clients take: for editors and for the reference.
--
-- Nothing requires this file. A spec compares the options with the operation table in C.
-- @module numberpool.annotations.options

--- A number in E.164: `15125550000`, `"15125550000"`, `"+15125550000"` or `"+1 (512) 555-0000"`.
---@alias numberpool.Number string|integer

--- A shortcode of 3 to 8 digits.
---@alias numberpool.Shortcode string|integer

--- What a number can send.
---@alias numberpool.Service
---| "sms"
---| "mms"

--- Types of numbers in a pool. `tollfree` is sent as `toll-free`, which is the API's word here.
---@alias numberpool.NumberType
---| "fixed"
---| "mobile"
---| "tollfree"
---| "toll-free"

--- Types of numbers in a search.
---@alias numberpool.SearchType
---| "fixed"
---| "mobile"
---| "tollfree"
---| "toll-free"
---| "local"
---| "national"

--- Options of every call.
---@class numberpool.CallOptions
---@field retries integer? tries after the first, 0 to 100; default: the client's
---@field timeout number? seconds for this call with its retries and waits; default: the client's

--- Options of `add_number` and `find_number`.
---@class numberpool.ServiceOptions: numberpool.CallOptions
---@field service numberpool.Service? default, of the API: sms

--- Options of removing a number.
---@class numberpool.RemoveOptions: numberpool.CallOptions
---@field unrent boolean? true also releases the number for good; default false

--- A filter for a list of numbers.
---@class numberpool.NumberFilter: numberpool.CallOptions
---@field starts_with string|string[]|nil 1 to 10 prefixes without the country code; needs country_iso2
---@field type numberpool.NumberType?
---@field service numberpool.Service?
---@field country_iso2 string? two letters of ISO 3166-1

--- Options of a page of a list.
---@class numberpool.PageOptions: numberpool.CallOptions
---@field limit integer? entries on the page, 1 to 20; default 20
---@field offset integer? entries before it; default 0

--- Options of a page of numbers.
---@class numberpool.NumberPageOptions: numberpool.NumberFilter
---@field limit integer? entries on the page, 1 to 20; default 20
---@field offset integer? entries before it; default 0

--- Options of an iterator. `timeout` and `retries` are those of each page.
---@class numberpool.IteratorOptions: numberpool.PageOptions
---@field prefetch integer? pages in flight, 1 to 100; default 8

--- Options of the iterator over numbers. `timeout` and `retries` are those of each page.
---@class numberpool.NumberIteratorOptions: numberpool.NumberPageOptions
---@field prefetch integer? pages in flight, 1 to 100; default 8

--- Which number to buy: the one that is named, or the first of at most five offered by a search that can be had.
---@class numberpool.BuyOptions: numberpool.CallOptions
---@field number numberpool.Number? the number; then none of the search's options
---@field service numberpool.Service?
---@field country_iso2 string? where to search: two letters of ISO 3166-1
---@field type numberpool.SearchType? of the search
---@field pattern string? of the search: digits in the number
---@field region string? of the search

--- Which numbers to search for.
---@class numberpool.SearchOptions: numberpool.PageOptions
---@field country_iso2 string? two letters of ISO 3166-1
---@field type numberpool.SearchType?
---@field pattern string? digits in the number
---@field region string?
---@field services string? `sms`, `mms` and `voice`, with commas

--- Which powerpack a pool belongs to. `timeout` and `retries` are those of reading it.
---@class numberpool.PoolOptions: numberpool.CallOptions
---@field powerpack string its uuid

--- Options of a bulk call. `timeout` and `retries` are those of each item.
---@class numberpool.BulkOptions: numberpool.CallOptions
---@field concurrency integer? calls in flight, 1 to 1000; default 16
---@field on_progress numberpool.OnProgress?
---@field on_result numberpool.OnResult? takes the results one by one; the report then has none
---@field stop_on_error boolean? begins nothing more after a failure; default false

--- Options of `add_numbers`.
---@class numberpool.BulkAddOptions: numberpool.BulkOptions
---@field service numberpool.Service? of every number

--- Options of `remove_numbers` and `remove_tollfrees`.
---@class numberpool.BulkRemoveOptions: numberpool.BulkOptions
---@field unrent boolean? true also releases the numbers for good; default false

--- Called after every item. `total` is nil where an iterator gives the items.
---@alias numberpool.OnProgress fun(done: integer, total: integer?, last: numberpool.BulkResult)

--- Called with the result of each item.
---@alias numberpool.OnResult fun(result: numberpool.BulkResult)

--- Options of `map`.
---@class numberpool.MapOptions
---@field concurrency integer? items in progress at a time, 1 to 1000; default 16

--- What `map` runs. `nil, err` is a failure.
---@alias numberpool.MapFunction fun(item: any, index: integer): any, any

--- A list, or a function that is called until it returns nil.
---@alias numberpool.Items any[]|fun(): any

--- Fields of a powerpack.
---@class numberpool.PowerpackFields: numberpool.CallOptions
---@field name string? unique in the account; `create` needs it
---@field sticky_sender boolean? the same sender for the same receiver; default, of the API: true
---@field local_connect boolean? prefers a sender of the receiver's area; default, of the API: true
---@field application_type string? `xml` or `phlo`; needed beside application_id
---@field application_id string?
---@field number_priority numberpool.NumberPriority[]?

--- Which kind of sender comes first, for a country and a service.
---@class numberpool.NumberPriority
---@field country_iso string
---@field service_type string
---@field priority table<string,string> priority1 to priority3: `shortcode`, `tollfree` or `longcode`

--- Options of deleting a powerpack.
---@class numberpool.DeleteOptions: numberpool.CallOptions
---@field unrent_numbers boolean? true also releases its numbers for good; default false

return {}
