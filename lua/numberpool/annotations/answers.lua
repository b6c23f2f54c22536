---@meta numberpool.annotations.answers

--- What methods of pools, powerpacks and clients return: for editors and for the reference. Nothing requires this file.
-- @module numberpool.annotations.answers

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
---@field api_id string? in the answer for a single number

--- A shortcode of a pool.
---@class numberpool.ShortcodeObject
---@field shortcode string digits
---@field country_iso2 string
---@field added_on string ISO 8601
---@field number_pool_uuid string
---@field api_id string? in the answer for a single shortcode

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
---@field api_id string? in the answer for a single powerpack

--- A number that can be rented.
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

--- Where a page stands in its list.
---@class numberpool.PageMeta
---@field limit integer
---@field offset integer
---@field total_count integer
---@field next string? not to be followed: page by offset
---@field previous string?

--- A page of numbers.
---@class numberpool.NumberPage
---@field meta numberpool.PageMeta? missing where a full page came without one
---@field objects numberpool.NumberObject[]
---@field api_id string?

--- A page of shortcodes.
---@class numberpool.ShortcodePage
---@field meta numberpool.PageMeta? missing where a full page came without one
---@field objects numberpool.ShortcodeObject[]
---@field api_id string?

--- A page of powerpacks.
---@class numberpool.PowerpackPage
---@field meta numberpool.PageMeta? missing where a full page came without one
---@field objects numberpool.PowerpackObject[]
---@field api_id string?

--- A page of numbers that can be rented.
---@class numberpool.OfferPage
---@field meta numberpool.PageMeta? missing where a full page came without one
---@field objects numberpool.OfferedNumber[]
---@field api_id string?

--- The answer to a removal that was done.
---@class numberpool.Done
---@field response string `success`
---@field api_id string?

--- Everything in a pool, each entry once.
---@class numberpool.Snapshot
---@field numbers numberpool.NumberObject[]
---@field tollfree numberpool.NumberObject[]
---@field shortcodes numberpool.ShortcodeObject[]

--- Returns the next entry, and nil at the end.
---@alias numberpool.NumberIterator fun(): numberpool.NumberObject?

--- Returns the next entry, and nil at the end.
---@alias numberpool.ShortcodeIterator fun(): numberpool.ShortcodeObject?

--- Returns the next entry, and nil at the end.
---@alias numberpool.PowerpackIterator fun(): numberpool.PowerpackObject?

--- The result of one item of a bulk call, or of one change of a plan.
---@class numberpool.BulkResult
---@field input any the item as it was given, or the plan's entry
---@field ok boolean
---@field value table? what the operation returned
---@field error numberpool.Error?
---@field skipped boolean? it was not begun

--- The results of all items of a bulk call: total = succeeded + failed + skipped.
---@class numberpool.Report
---@field total integer
---@field succeeded integer
---@field failed integer
---@field skipped integer
---@field elapsed number seconds
---@field results numberpool.BulkResult[]? in the order of the input; left out where on_result took them

--- The result of one item of `map`.
---@class numberpool.MapResult
---@field ok boolean false where the function returned `nil, err` or raised
---@field value any its first result
---@field error any exactly what it returned beside nil, or raised

return {}
