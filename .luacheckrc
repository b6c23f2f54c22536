-- One source runs on Lua 5.1 to 5.4 and LuaJIT: their globals together, and no other.
std = "max"
max_line_length = 120
ignore = { "212/self" }
exclude_files = { "build" }

files["spec"] = { std = "+busted" }
files["lua/numberpool/runtime/nginx"] = { std = "+ngx_lua" }
files["lua/numberpool/sandbox/**/*.lua"] = { std = "+ngx_lua" }
files["examples/nginx"] = { std = "+ngx_lua" }
files["rockspec"] = { std = "rockspec" }
