--- Says whether libcurl is in this process after `require "numberpool"`, and then after `numberpool.new`.

local function has_libcurl()
  for line in io.lines "/proc/self/maps" do
    if line:find("/libcurl", 1, true) then
      return "yes"
    end
  end
  return "no"
end

local numberpool = require "numberpool"
print(has_libcurl())

local client = assert(numberpool.new())
print(has_libcurl())
client:close()
