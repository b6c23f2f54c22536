--- What the system says about this process.
-- @module spec.bench.process

local process = {}

local function field(name)
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match("^" .. name .. ":%s*(%d+) kB")
    if kilobytes then
      return tonumber(kilobytes)
    end
  end
  error(name .. ": not in /proc/self/status")
end

--- KiB that are resident.
---@return integer
function process.resident()
  return field "VmRSS"
end

--- KiB that were resident at most.
---@return integer
function process.peak()
  return field "VmHWM"
end

return process
