---@meta numberpool.annotations.powerpacks

--- The methods of an account's powerpacks: for editors and for the reference. Nothing requires this file.
--
-- They are made from the operation table in C; a spec compares them with it. A method that fails returns `nil, err`; a
-- wrong Lua type or an unknown option raises. "Section" names one of the vendor's reference.
-- @module numberpool.annotations.powerpacks

-- luacheck: ignore 212 241

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

--- An iterator over the account's powerpacks: `for powerpack in client.powerpacks:each() do`. It reads page by page, in
-- constant memory, and raises the error object where a page can't be had.
---@param options numberpool.IteratorOptions?
---@return numberpool.PowerpackIterator?
---@return numberpool.Error? err `invalid` for options that can't be right; nothing is sent
function Powerpacks:each(options) end

--- Changes fields of a powerpack. Section: Powerpack.
---@param uuid string
---@param fields numberpool.PowerpackFields
---@return numberpool.PowerpackObject?
---@return numberpool.Error? err `ambiguous` where it may have been changed
function Powerpacks:update(uuid, fields) end

--- Deletes a powerpack and its number pool. Section: Powerpack.
---@param uuid string
---@param options numberpool.DeleteOptions? `unrent_numbers = true` also releases its numbers for good
---@return numberpool.Done?
---@return numberpool.Error? err `ambiguous` where it may have been deleted
function Powerpacks:delete(uuid, options) end

return {}
