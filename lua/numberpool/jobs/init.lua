--- Whole jobs, as methods of clients, pools and powerpacks.
-- @module numberpool.jobs

local bulk = require "numberpool.jobs.bulk"
local clients = require "numberpool.client"
local core = require "numberpool.core"
local map = require "numberpool.jobs.map"
local pages = require "numberpool.jobs.pages"
local plan = require "numberpool.jobs.plan"
local snapshot = require "numberpool.jobs.snapshot"

local jobs = {}

local methods = clients.methods

methods.client.map = map.run
methods.pool.load_plan = plan.load
methods.pool.plan = plan.make
methods.pool.snapshot = snapshot.take
methods.powerpacks.each = pages.iterator("each", "powerpacks.list", clients.of_powerpacks)
methods.pool.numbers = pages.iterator("numbers", "pool.list_numbers", core.pool_client)
methods.pool.shortcodes = pages.iterator("shortcodes", "pool.list_shortcodes", core.pool_client)
methods.pool.tollfree = pages.iterator("tollfree", "pool.list_tollfree", core.pool_client)
methods.pool.add_numbers = bulk.method("add_numbers", "pool.add_number")
methods.pool.remove_numbers = bulk.method("remove_numbers", "pool.remove_number")
methods.pool.add_tollfrees = bulk.method("add_tollfrees", "pool.add_tollfree")
methods.pool.remove_tollfrees = bulk.method("remove_tollfrees", "pool.remove_tollfree")
methods.pool.remove_shortcodes = bulk.method("remove_shortcodes", "pool.remove_shortcode")

return jobs
