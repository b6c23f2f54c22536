---@meta numberpool.annotations.answers

--- What the methods of pools, powerpacks and clients take and give: for editors and for the reference.
--
-- Nothing requires this file. A spec holds the options against the operation table in C.
-- @module numberpool.annotations.answers

--- A number in E.164: `15125550000`, `"15125550000"`, `"+15125550000"` or `"+1 (512) 555-0000"`.
---@alias numberpool.Number string|integer

--- A shortcode of 3 to 8 digits.
---@alias numberpool.Shortcode string|integer

--- What a number can send.
---@alias numberpool.Service
---| "sms"
---| "mms"

--- Kinds of numbers in a pool; the API takes `tollfree` as `toll-free`.
---@alias numberpool.NumberType
---| "fixed"
---| "mobile"
---| "tollfree"
---| "toll-free"

--- Kinds of numbers in a search.
---@alias numberpool.SearchType
---| "fixed"
---| "mobile"
---| "tollfree"
---| "toll-free"
---| "local"
---| "national"

--- What the last argument of every operation takes.
---@class numberpool.CallOptions
---@field retries integer? tries after the first, 0 to 100; default: the client's
---@field timeout number? seconds for this call, its retries and waits included; default: the client's

--- What `add_number` and `find_number` take.
---@class numberpool.ServiceOptions: numberpool.CallOptions
---@field service numberpool.Service? default, of the API: sms

--- What removing a number takes.
---@class numberpool.RemoveOptions: numberpool.CallOptions
---@field unrent boolean? true also gives the number back for good; default false

--- What narrows a list of numbers down.
---@class numberpool.NumberFilter: numberpool.CallOptions
---@field starts_with string|string[]|nil 1 to 10 prefixes, the country code left out; needs country_iso2
---@field type numberpool.NumberType?
---@field service numberpool.Service?
---@field country_iso2 string? two letters of ISO 3166-1

--- A page of a list.
---@class numberpool.PageOptions: numberpool.CallOptions
---@field limit integer? entries on the page, 1 to 20; default 20
---@field offset integer? entries before it; default 0

--- A page of the numbers that a filter leaves.
---@class numberpool.NumberPageOptions: numberpool.NumberFilter
---@field limit integer? entries on the page, 1 to 20; default 20
---@field offset integer? entries before it; default 0

--- What an iterator takes. The time and the tries are those of each page.
---@class numberpool.IteratorOptions: numberpool.PageOptions
---@field prefetch integer? pages in flight, 1 to 100; default 8

--- What the iterator over numbers takes. The time and the tries are those of each page.
---@class numberpool.NumberIteratorOptions: numberpool.NumberPageOptions
---@field prefetch integer? pages in flight, 1 to 100; default 8

--- Which number to buy: one that is named, or the first that a search offers and that can be had, of at most five.
---@class numberpool.BuyOptions: numberpool.CallOptions
---@field number numberpool.Number? this one; nothing else but service beside it
---@field service numberpool.Service?
---@field country_iso2 string? where to search: two letters of ISO 3166-1
---@field type numberpool.SearchType? of the search
---@field pattern string? of the search: digits that the number has
---@field region string? of the search

--- Which numbers to look for that one can rent.
---@class numberpool.SearchOptions: numberpool.PageOptions
---@field country_iso2 string? two letters of ISO 3166-1
---@field type numberpool.SearchType?
---@field pattern string? digits that the number has
---@field region string?
---@field services string? `sms`, `mms` and `voice`, with commas

--- What a bulk call takes. The time and the tries are those of each item.
---@class numberpool.BulkOptions: numberpool.CallOptions
---@field concurrency integer? calls in flight, 1 to 1000; default 16
---@field on_progress numberpool.OnProgress?
---@field on_result numberpool.OnResult? takes the results, one after another; the report then has none
---@field stop_on_error boolean? begins nothing more after a failure; default false

--- What `add_numbers` takes.
---@class numberpool.BulkAddOptions: numberpool.BulkOptions
---@field service numberpool.Service? of every number

--- What `remove_numbers` and `remove_tollfrees` take.
---@class numberpool.BulkRemoveOptions: numberpool.BulkOptions
---@field unrent boolean? true also gives the numbers back for good; default false

--- Called after every item; total is nil where an iterator gives the items.
---@alias numberpool.OnProgress fun(done: integer, total: integer?, last: numberpool.BulkResult)

--- Called with what became of each item.
---@alias numberpool.OnResult fun(result: numberpool.BulkResult)

--- What became of one item.
---@class numberpool.BulkResult
---@field input any the item as it was given
---@field ok boolean
---@field value table? what the operation returned
---@field error numberpool.Error?
---@field skipped boolean? it was not begun

--- What became of all items: total = succeeded + failed + skipped.
---@class numberpool.Report
---@field total integer
---@field succeeded integer
---@field failed integer
---@field skipped integer
---@field elapsed number seconds
---@field results numberpool.BulkResult[]? in the order of the input; left out where on_result took them

--- What map takes.
---@class numberpool.MapOptions
---@field concurrency integer? items under way, 1 to 1000; default 16

--- What map runs: `nil, err` is a failure.
---@alias numberpool.MapFunction fun(item: any, index: integer): any, any

--- A list, or a function that is called until it gives nil.
---@alias numberpool.Items any[]|fun(): any

--- What became of one item of map.
---@class numberpool.MapResult
---@field ok boolean false where the function returned `nil, err` or raised
---@field value any its first result
---@field error any exactly what it returned beside nil, or raised

--- Fields of a powerpack.
---@class numberpool.PowerpackFields: numberpool.CallOptions
---@field name string? unique in the account; `create` needs it
---@field sticky_sender boolean? the same sender for the same receiver; default, of the API: true
---@field local_connect boolean? prefer a sender of the receiver's area; default, of the API: true
---@field application_type string? `xml` or `phlo`; needed beside application_id
---@field application_id string?
---@field number_priority numberpool.NumberPriority[]?

--- Which kind of sender comes first in a country, for a service.
---@class numberpool.NumberPriority
---@field country_iso string
---@field service_type string
---@field priority table<string,string> priority1 to priority3: `shortcode`, `tollfree` or `longcode`

--- What deleting a powerpack takes.
---@class numberpool.DeleteOptions: numberpool.CallOptions
---@field unrent_numbers boolean? true also gives its numbers back for good; default false

--- A number pool.
---@class numberpool.PoolObject
---@field uuid string
---@field numbers string path of its numbers
---@field shortcodes string path of its shortcodes
---@field api_id string

--- A number, or a toll-free number, of a pool. Some answers lack a field.
---@class numberpool.NumberObject
---@field number string digits
---@field type string `fixed`, `mobile`, `toll-free` or `tollfree`
---@field service string? `sms` or `mms`
---@field country_iso2 string
---@field added_on string ISO 8601
---@field number_pool_uuid string
---@field account_phone_number_resource string
---@field api_id string? where the number was asked for alone

--- A shortcode of a pool.
---@class numberpool.ShortcodeObject
---@field shortcode string digits
---@field country_iso2 string
---@field added_on string ISO 8601
---@field number_pool_uuid string
---@field api_id string? where the shortcode was asked for alone

--- A powerpack.
---@class numberpool.PowerpackObject
---@field uuid string
---@field name string
---@field sticky_sender boolean
---@field local_connect boolean
---@field application_type string?
---@field application_id string?
---@field number_pool string path of its number pool
---@field number_priority numberpool.NumberPriority[]
---@field created_on string ISO 8601
---@field api_id string? where the powerpack was asked for alone

--- A number that one can rent.
---@class numberpool.OfferedNumber
---@field number string digits
---@field country string
---@field type string
---@field region string?
---@field city string?
---@field sms_enabled boolean
---@field mms_enabled boolean
---@field voice_enabled boolean
---@field monthly_rental_rate string decimal, as are setup_rate, sms_rate, mms_rate and voice_rate
---@field resource_uri string

--- Where a page lies in its list.
---@class numberpool.PageMeta
---@field limit integer
---@field offset integer
---@field total_count integer
---@field next string? not to be followed: page by offset
---@field previous string?

--- A page of numbers.
---@class numberpool.NumberPage
---@field meta numberpool.PageMeta? lacks where a full page came without one
---@field objects numberpool.NumberObject[]
---@field api_id string?

--- A page of shortcodes.
---@class numberpool.ShortcodePage
---@field meta numberpool.PageMeta? lacks where a full page came without one
---@field objects numberpool.ShortcodeObject[]
---@field api_id string?

--- A page of powerpacks.
---@class numberpool.PowerpackPage
---@field meta numberpool.PageMeta? lacks where a full page came without one
---@field objects numberpool.PowerpackObject[]
---@field api_id string?

--- A page of numbers that one can rent.
---@class numberpool.OfferPage
---@field meta numberpool.PageMeta? lacks where a full page came without one
---@field objects numberpool.OfferedNumber[]
---@field api_id string?

--- That a removal was done.
---@class numberpool.Done
---@field response string `success`
---@field api_id string?

--- Everything in a pool, each entry once.
---@class numberpool.Snapshot
---@field numbers numberpool.NumberObject[]
---@field tollfree numberpool.NumberObject[]
---@field shortcodes numberpool.ShortcodeObject[]

--- Gives the next entry, and nil at the end.
---@alias numberpool.NumberIterator fun(): numberpool.NumberObject?

--- Gives the next entry, and nil at the end.
---@alias numberpool.ShortcodeIterator fun(): numberpool.ShortcodeObject?

--- Gives the next entry, and nil at the end.
---@alias numberpool.PowerpackIterator fun(): numberpool.PowerpackObject?

--- What an event is about.
---@alias numberpool.EventType
---| "attempt" # the call's request is sent
---| "response" # an answer came, or none did
---| "retry" # the call waits, and goes on
---| "look" # what an unclear change did is looked at
---| "throttled" # the call waits for the rate limit
---| "result" # the call is over
---| "warning" # of a client that is made: its credentials go to another machine without TLS

--- What `on_event` is told.
---@class numberpool.Event
---@field type numberpool.EventType
---@field operation string name of the method
---@field target string? number, shortcode or uuid the call is about
---@field attempt integer? tries made so far
---@field status integer? HTTP status
---@field wait number? seconds
---@field reason string? kind of the error that led to this; what is warned of
---@field elapsed number? seconds
---@field err numberpool.Error? of a call that failed

return {}
