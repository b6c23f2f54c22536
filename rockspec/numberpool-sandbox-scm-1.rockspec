-- The sandbox as a rock: a NumberPool API server for scripts and tests. It needs nothing of the
-- client, and the client nothing of it.
--
-- Written in Lua alone. nginx with its Lua module isn't a rock: `start` says what to install. The
-- server's half runs on nginx's own Lua 5.1, so LuaDBI's SQLite driver has to be there for 5.1
-- (Debian: lua-dbi-sqlite3, lua-cjson); on another Lua than 5.1 this rock can't see to that.
rockspec_format = "3.0"
package = "numberpool-sandbox"
version = "scm-1"

-- No public repository exists yet: this builds from the folder one stands in, by `luarocks make`.
source = { url = "file://." }

description = {
  summary = "A NumberPool API server for scripts and tests, with no account and no network",
  detailed = [[
    Keeps the state of number pools in SQLite, answers as Plivo's NumberPool, Powerpack and number
    search do, breaks on command, remembers what it was asked. Runs on nginx with Lua. There is no
    public repository yet: build it from its sources with `luarocks make`.
  ]],
  license = "MIT",
}

supported_platforms = { "linux" }

dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson",
  "luasocket",
}

build = {
  type = "make",
  build_pass = false,
  install_target = "install-sandbox",
  install_variables = {
    LUADIR = "$(LUADIR)",
  },
}
