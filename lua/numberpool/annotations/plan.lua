---@meta numberpool.annotations.plan

--- Plans, which `pool:plan` makes: for editors and for the reference. Nothing requires this file.
-- @module numberpool.annotations.plan

-- luacheck: ignore 212 241

--- What a pool should have. A list that is left out is left alone in the pool.
---@class numberpool.Desired
---@field numbers (numberpool.Number|numberpool.DesiredNumber)[]?
---@field tollfree (numberpool.Number|numberpool.DesiredNumber)[]?
---@field shortcodes (numberpool.Shortcode|numberpool.DesiredShortcode)[]?

--- A number that a pool should have.
---@class numberpool.DesiredNumber
---@field number numberpool.Number
---@field service numberpool.Service? default: whatever it has there

--- A shortcode that a pool should have.
---@class numberpool.DesiredShortcode
---@field shortcode numberpool.Shortcode

--- Options of `plan`.
---@class numberpool.PlanOptions
---@field prune boolean? true: what is in the pool and isn't wanted is to be removed; default false
---@field unrent boolean? true: removing a number also releases it for good; a replacement never does; default false
---@field max_removals integer? the brake of `apply`; default: 10, or 30 % of what the lists have where that is more

--- Options of `apply`.
---@class numberpool.ApplyOptions
---@field concurrency integer? changes in flight, 1 to 1000; default 16
---@field on_progress numberpool.OnProgress?
---@field on_result numberpool.OnResult? takes the results one by one; the report then has none
---@field stop_on_error boolean? begins nothing more after a failure; default false
---@field force boolean? true: removes however many the plan says; default false

--- What a plan says of a number or a shortcode.
---@class numberpool.PlanEntry
---@field kind "number"|"tollfree"|"shortcode"
---@field number string? digits, of a number or a toll-free number
---@field shortcode string? digits
---@field service string? of add and replace: the one that it is to have; of remove and keep: the one that it has
---@field from string? of replace: the service that it has
---@field reason string why it is in this list

--- What is to be changed in a pool: made by `pool:plan` or `pool:load_plan`. `tostring` gives the counts and a line for
-- each change. Each list has the numbers, then the toll-free numbers, then the shortcodes, sorted by their digits.
---@class numberpool.Plan
---@field add numberpool.PlanEntry[]
---@field remove numberpool.PlanEntry[] empty without `prune`
---@field replace numberpool.PlanEntry[] numbers with another service: they are removed and added again
---@field keep numberpool.PlanEntry[]
---@field impossible numberpool.PlanEntry[] what the API can't do
local Plan = {}

--- How many changes the plan has: what is to be added, removed and replaced.
---@return integer
function Plan:count() end

--- Carries the plan out, with several changes in flight. `input` of a result is the entry. A removal of what isn't
-- there has succeeded, and so has an addition of what is there. A plan from a file looks at each entry first. A plan
-- that is applied again goes on with what it hasn't done. After Ctrl-C, and where a hook raises, it raises an error
-- object of kind `interrupted`, with its `report`.
---@param options numberpool.ApplyOptions?
---@return numberpool.Report?
---@return numberpool.Error? err `conflict` where more is to be removed than `max_removals`; nothing is sent
function Plan:apply(options) end

--- Writes the plan to a file, as JSON, with the pool's uuid and the account's auth_id. The file is complete, or is what
-- it was before.
---@param path string
---@return true?
---@return numberpool.Error? err `invalid` where it can't be written: the message has the path and the reason
function Plan:save(path) end

return {}
