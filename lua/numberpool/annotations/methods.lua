---@meta numberpool.annotations.methods

--- The methods that have no source of their own in Lua: for editors and for the reference.
--
-- They are made from the operation table in C, or from its rows. Nothing requires this file; a spec holds it against
-- them. A method that fails gives `nil, err`; a wrong Lua type or an unknown option raises. A section is one of the
-- vendor's reference.
-- @module numberpool.annotations.methods

-- luacheck: ignore 212 241

--- A number pool: made by `client:pool`.
---@class numberpool.Pool: userdata
---@field uuid string
local Pool = {}

--- The number pool object. Section: The Number Pool Object.
---@param options numberpool.CallOptions?
---@return numberpool.PoolObject?
---@return numberpool.Error? err
function Pool:get(options) end

--- Adds a number of the account to the pool. Section: Add a Number.
---@param number numberpool.Number
---@param options numberpool.ServiceOptions?
---@return numberpool.NumberObject?
---@return numberpool.Error? err `ambiguous` where it may have been added
function Pool:add_number(number, options) end

--- One number of the pool. Section: Retrieve a Number.
---@param number numberpool.Number
---@param options numberpool.ServiceOptions?
---@return numberpool.NumberObject?
---@return numberpool.Error? err `not_found` where the pool lacks it
function Pool:find_number(number, options) end

--- A page of the pool's numbers, at most 20. Section: List All Numbers.
---@param options numberpool.NumberPageOptions?
---@return numberpool.NumberPage?
---@return numberpool.Error? err
function Pool:list_numbers(options) end

--- How many numbers the pool has, or a filter leaves. Section: List All Numbers.
---@param options numberpool.NumberFilter?
---@return integer?
---@return numberpool.Error? err `protocol` where the API gives no count
function Pool:count_numbers(options) end

--- Takes a number out of the pool. Section: Remove a Number.
---@param number numberpool.Number
---@param options numberpool.RemoveOptions? with `unrent = true` the number is given back, too, for good
---@return numberpool.Done?
---@return numberpool.Error? err `ambiguous` where it may have been removed
function Pool:remove_number(number, options) end

--- Rents a number and adds it to the pool: this costs money. Section: Add a Number.
---@param options numberpool.BuyOptions a number, or country_iso2 and whatever else narrows a search down
---@return numberpool.NumberObject? the number that was bought
---@return numberpool.Error? err `not_found` where none is offered; `ambiguous` where its target may be bought
function Pool:buy_number(options) end

--- One shortcode of the pool. Section: Retrieve a Shortcode.
---@param code numberpool.Shortcode
---@param options numberpool.CallOptions?
---@return numberpool.ShortcodeObject?
---@return numberpool.Error? err `not_found` where the pool lacks it
function Pool:find_shortcode(code, options) end

--- A page of the pool's shortcodes, at most 20. Section: List All Shortcodes.
---@param options numberpool.PageOptions?
---@return numberpool.ShortcodePage?
---@return numberpool.Error? err
function Pool:list_shortcodes(options) end

--- Takes a shortcode out of the pool; it stays rented. Section: Remove a Shortcode.
---@param code numberpool.Shortcode
---@param options numberpool.CallOptions?
---@return numberpool.Done?
---@return numberpool.Error? err `ambiguous` where it may have been removed
function Pool:remove_shortcode(code, options) end

--- Adds a toll-free number of the account to the pool. Section: Add a Toll-Free Number.
---@param number numberpool.Number
---@param options numberpool.CallOptions?
---@return numberpool.NumberObject?
---@return numberpool.Error? err `ambiguous` where it may have been added
function Pool:add_tollfree(number, options) end

--- One toll-free number of the pool. Section: Retrieve a Toll-Free Number.
---@param number numberpool.Number
---@param options numberpool.CallOptions?
---@return numberpool.NumberObject?
---@return numberpool.Error? err `not_found` where the pool lacks it
function Pool:find_tollfree(number, options) end

--- A page of the pool's toll-free numbers, at most 20. Section: List All Toll-Free Numbers.
---@param options numberpool.PageOptions?
---@return numberpool.NumberPage?
---@return numberpool.Error? err
function Pool:list_tollfree(options) end

--- Takes a toll-free number out of the pool. Section: Remove a Toll-Free Number.
---@param number numberpool.Number
---@param options numberpool.RemoveOptions? with `unrent = true` the number is given back, too, for good
---@return numberpool.Done?
---@return numberpool.Error? err `ambiguous` where it may have been removed
function Pool:remove_tollfree(number, options) end

--- Iterates over the pool's numbers, page by page, in constant memory: `for entry in pool:numbers() do`. The loop
-- raises the error object where a page can't be had.
---@param filter numberpool.NumberIteratorOptions?
---@return numberpool.NumberIterator
function Pool:numbers(filter) end

--- Iterates over the pool's shortcodes, as `numbers` does.
---@param options numberpool.IteratorOptions?
---@return numberpool.ShortcodeIterator
function Pool:shortcodes(options) end

--- Iterates over the pool's toll-free numbers, as `numbers` does.
---@param options numberpool.IteratorOptions?
---@return numberpool.NumberIterator
function Pool:tollfree(options) end

--- Everything in the pool, each entry once. A list that changes meanwhile is read again.
---@param options numberpool.CallOptions? of each page
---@return numberpool.Snapshot?
---@return numberpool.Error? err `conflict` where a list kept changing
function Pool:snapshot(options) end

--- Adds many numbers, with several calls in flight. A duplicate is one call, and every position gets its result. Raises
-- an error object of kind `interrupted`, with its `report`, after Ctrl-C, and where the input or a hook raises.
---@param numbers numberpool.Items
---@param options numberpool.BulkAddOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right
function Pool:add_numbers(numbers, options) end

--- Takes many numbers out of the pool, as `add_numbers` adds them. One that isn't there is a failed result.
---@param numbers numberpool.Items
---@param options numberpool.BulkRemoveOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right
function Pool:remove_numbers(numbers, options) end

--- Adds many toll-free numbers, as `add_numbers` does.
---@param numbers numberpool.Items
---@param options numberpool.BulkOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right
function Pool:add_tollfrees(numbers, options) end

--- Takes many toll-free numbers out of the pool, as `remove_numbers` does.
---@param numbers numberpool.Items
---@param options numberpool.BulkRemoveOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right
function Pool:remove_tollfrees(numbers, options) end

--- Takes many shortcodes out of the pool, as `remove_numbers` does.
---@param shortcodes numberpool.Items
---@param options numberpool.BulkOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right
function Pool:remove_shortcodes(shortcodes, options) end

--- The powerpacks of the account: `client.powerpacks`. Each has a number pool of its own.
---@class numberpool.Powerpacks
local Powerpacks = {}

--- Makes a powerpack, and with it an empty number pool. Section: Powerpack.
---@param fields numberpool.PowerpackFields name is needed
---@return numberpool.PowerpackObject?
---@return numberpool.Error? err `ambiguous` where it may have been made
function Powerpacks:create(fields) end

--- One powerpack. Section: Powerpack.
---@param uuid string
---@param options numberpool.CallOptions?
---@return numberpool.PowerpackObject?
---@return numberpool.Error? err
function Powerpacks:get(uuid, options) end

--- A page of the account's powerpacks, at most 20. Section: Powerpack.
---@param options numberpool.PageOptions?
---@return numberpool.PowerpackPage?
---@return numberpool.Error? err
function Powerpacks:list(options) end

--- Iterates over the account's powerpacks, page by page, in constant memory. The loop raises the error object where a
-- page can't be had.
---@param options numberpool.IteratorOptions?
---@return numberpool.PowerpackIterator
function Powerpacks:each(options) end

--- Changes fields of a powerpack. Section: Powerpack.
---@param uuid string
---@param fields numberpool.PowerpackFields
---@return numberpool.PowerpackObject?
---@return numberpool.Error? err `ambiguous` where it may have been changed
function Powerpacks:update(uuid, fields) end

--- Deletes a powerpack and its number pool. Section: Powerpack.
---@param uuid string
---@param options numberpool.DeleteOptions? with `unrent_numbers = true` its numbers are given back, too, for good
---@return numberpool.Done?
---@return numberpool.Error? err `ambiguous` where it may have been deleted
function Powerpacks:delete(uuid, options) end

---@class numberpool.Client
local Client = {}

--- Numbers that one can rent, a page of at most 20. Section: PhoneNumber.
---@param options numberpool.SearchOptions?
---@return numberpool.OfferPage?
---@return numberpool.Error? err
function Client:search_numbers(options) end

--- Runs `fn(item, index)` for every item, with several at a time: inside it the client's calls give way to the others'.
-- Raises for wrong arguments, and what an iterator raises, once nothing is under way; after Ctrl-C an error object of
-- kind `interrupted` with a `report`.
---@param items numberpool.Items
---@param fn numberpool.MapFunction
---@param options numberpool.MapOptions?
---@return numberpool.MapResult[] results in the order of the items
function Client:map(items, fn, options) end

return {}
