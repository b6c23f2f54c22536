---@meta numberpool.annotations.pool

--- The methods of a number pool: for editors and for the reference. Nothing requires this file.
--
-- Most of them are made from the operation table in C; a spec compares them with it. A method that fails returns
-- `nil, err`; a wrong Lua type or an unknown option raises. "Section" names one of the vendor's reference.
-- @module numberpool.annotations.pool

-- luacheck: ignore 212 241

--- A number pool, made by `client:pool`.
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
---@return numberpool.Error? err `not_found` where the pool doesn't have it
function Pool:find_number(number, options) end

--- A page of the pool's numbers, at most 20. Section: List All Numbers.
---@param options numberpool.NumberPageOptions?
---@return numberpool.NumberPage?
---@return numberpool.Error? err
function Pool:list_numbers(options) end

--- How many numbers the pool has, or how many of them match a filter. Section: List All Numbers.
---@param options numberpool.NumberFilter?
---@return integer?
---@return numberpool.Error? err `protocol` where the API gives no count
function Pool:count_numbers(options) end

--- Takes a number out of the pool. Section: Remove a Number.
---@param number numberpool.Number
---@param options numberpool.RemoveOptions? `unrent = true` also releases the number for good
---@return numberpool.Done?
---@return numberpool.Error? err `ambiguous` where it may have been removed
function Pool:remove_number(number, options) end

--- Rents a number and adds it to the pool: this costs money. Section: Add a Number.
---@param options numberpool.BuyOptions a number, or country_iso2 and what else to search by
---@return numberpool.NumberObject? the number that was bought
---@return numberpool.Error? err `not_found` where none is offered; `ambiguous` where its target may have been bought
function Pool:buy_number(options) end

--- One shortcode of the pool. Section: Retrieve a Shortcode.
---@param code numberpool.Shortcode
---@param options numberpool.CallOptions?
---@return numberpool.ShortcodeObject?
---@return numberpool.Error? err `not_found` where the pool doesn't have it
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
---@return numberpool.Error? err `not_found` where the pool doesn't have it
function Pool:find_tollfree(number, options) end

--- A page of the pool's toll-free numbers, at most 20. Section: List All Toll-Free Numbers.
---@param options numberpool.PageOptions?
---@return numberpool.NumberPage?
---@return numberpool.Error? err
function Pool:list_tollfree(options) end

--- Takes a toll-free number out of the pool. Section: Remove a Toll-Free Number.
---@param number numberpool.Number
---@param options numberpool.RemoveOptions? `unrent = true` also releases the number for good
---@return numberpool.Done?
---@return numberpool.Error? err `ambiguous` where it may have been removed
function Pool:remove_tollfree(number, options) end

--- An iterator over the pool's numbers: `for entry in pool:numbers() do`. It reads page by page, in constant memory,
-- and raises the error object where a page can't be had.
---@param filter numberpool.NumberIteratorOptions?
---@return numberpool.NumberIterator?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:numbers(filter) end

--- An iterator over the pool's shortcodes, as `numbers` is over its numbers.
---@param options numberpool.IteratorOptions?
---@return numberpool.ShortcodeIterator?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:shortcodes(options) end

--- An iterator over the pool's toll-free numbers, as `numbers` is over its numbers.
---@param options numberpool.IteratorOptions?
---@return numberpool.NumberIterator?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:tollfree(options) end

--- Everything in the pool, each entry once. A list that changes while it is read is read again.
---@param options numberpool.CallOptions? of each page
---@return numberpool.Snapshot?
---@return numberpool.Error? err `conflict` where a list kept changing
function Pool:snapshot(options) end

--- Compares the pool with what it should be. Changes nothing. Few numbers are looked up one by one, many are read by
-- pages; with `prune` all that the lists have is read.
---@param desired numberpool.Desired
---@param options numberpool.PlanOptions?
---@return numberpool.Plan?
---@return numberpool.Error? err `invalid` for an entry that can't be right, with its list and position; nothing is sent
function Pool:plan(desired, options) end

--- Reads a plan that `plan:save` wrote. Before it changes an entry, it looks whether that is as the plan saw it: the
-- result of one that isn't has failed with kind `conflict`, and the entry is left alone.
---@param path string
---@return numberpool.Plan?
---@return numberpool.Error? err `invalid` for a file that is damaged or another pool's or account's plan
function Pool:load_plan(path) end

--- Adds many numbers, with several calls in flight. A duplicate is one call, and each item gets its result. After
-- Ctrl-C, and where the input or a hook raises, it raises an error object of kind `interrupted`, with its `report`.
---@param numbers numberpool.Items
---@param options numberpool.BulkAddOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:add_numbers(numbers, options) end

--- Takes many numbers out of the pool, as `add_numbers` adds them. One that isn't there is a failed result.
---@param numbers numberpool.Items
---@param options numberpool.BulkRemoveOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:remove_numbers(numbers, options) end

--- Adds many toll-free numbers, as `add_numbers` does.
---@param numbers numberpool.Items
---@param options numberpool.BulkOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:add_tollfrees(numbers, options) end

--- Takes many toll-free numbers out of the pool, as `remove_numbers` does.
---@param numbers numberpool.Items
---@param options numberpool.BulkRemoveOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:remove_tollfrees(numbers, options) end

--- Takes many shortcodes out of the pool, as `remove_numbers` does.
---@param shortcodes numberpool.Items
---@param options numberpool.BulkOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Pool:remove_shortcodes(shortcodes, options) end

return {}
