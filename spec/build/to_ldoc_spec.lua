-- What LDoc is given for the annotations that editors read.
local interpreter = require "spec.support.interpreter"

local function convert(line)
  local output = interpreter.shell("lua5.4 .ci/to_ldoc.lua <<'END'\n" .. line .. "\nEND")
  return (output:gsub("\n$", ""))
end

describe(".ci/to_ldoc.lua", function()
  for annotation, expected in pairs {
    ["---@param name string what it is"] = "-- @tparam string name what it is",
    ["--- @param name string"] = "-- @tparam string name",
    ["  ---@param name integer"] = "  -- @tparam integer name",
    ["---@param name string? may be missing"] = "-- @tparam ?string name may be missing",
    ["---@param name? string may be missing"] = "-- @tparam string name may be missing",
    ["---@param name string|integer either"] = "-- @tparam string|integer name either",
    ["---@param work fun(item: any, i: integer): string for each"] = "-- @tparam function work for each",
    ["---@param work fun(item: any)? for each"] = "-- @tparam ?function work for each",
    ["---@param items { [1]: string, n: integer } all"] = "-- @tparam table items all",
    ["---@return string text"] = "-- @treturn string text",
    ["---@return numberpool.Error?"] = "-- @treturn ?numberpool.Error",
    ["---@return fun(): string next"] = "-- @treturn function next",
    ["---@class numberpool.Options"] = "-- @table numberpool.Options",
    ["---@class numberpool.Options: numberpool.Others"] =
      "-- Beside those of numberpool.Others:\n-- @table numberpool.Options",
    ["---@class numberpool.List: table"] = "-- @table numberpool.List",
    ["---@alias numberpool.Kind"] = "-- @table numberpool.Kind",
    ["---@alias numberpool.Kind string"] = "-- @table numberpool.Kind",
    ['---| "network" # no answer came'] = "-- @field network no answer came",
    ['---| "network"'] = "-- @field network ",
    ["---@field timeout number? seconds"] = "-- @tfield ?number timeout seconds",
    ["---@package"] = "-- @local",
  } do
    it("makes of " .. annotation, function()
      assert.equal(expected, convert(annotation))
    end)
  end

  it("leaves out what LDoc doesn't know", function()
    for _, annotation in ipairs { "---@meta", "  --- @type string", "---@cast x string", "---@param name" } do
      assert.equal("", convert(annotation))
    end
  end)

  it("leaves everything else as it is", function()
    for _, line in ipairs { "--- Returns a pool, or nil and an error.", "local x = 1 -- @param", "-- a comment" } do
      assert.equal(line, convert(line))
    end
  end)
end)
