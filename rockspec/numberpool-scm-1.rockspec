-- The client as a rock. numberpool-sandbox, the test server, is a rock of its own: a production
-- install needs neither nginx nor a database library.
--
-- Built by the Makefile and not by LuaRocks' builtin type: that one copies all of lua/ into every
-- rock, the sandbox too, and its modules export every symbol and may be unloaded under libcurl's threads.
rockspec_format = "3.0"
package = "numberpool"
version = "scm-1"

-- No public repository exists yet: this builds from the folder one stands in, by `luarocks make`.
source = { url = "file://." }

description = {
  summary = "Plivo's NumberPool API for Lua, on libcurl",
  detailed = [[
    Phone numbers, toll-free numbers and shortcodes of a Plivo Powerpack's number pool: add, find,
    list, count, buy and remove them, one by one or thousands at once. There is no public repository
    yet: build it from its sources with `luarocks make`.
  ]],
  license = "MIT",
}

supported_platforms = { "linux" }

dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson",
  "argparse",
}

external_dependencies = {
  CURL = { library = "curl" },
}

build = {
  type = "make",
  build_target = "modules",
  install_target = "install-client",
  variables = {
    BUILD = "build/rock",
    CFLAGS = "$(CFLAGS)",
    LUA_CFLAGS = "-I$(LUA_INCDIR)",
    CURL_CFLAGS = "-I$(CURL_INCDIR)",
    CURL_LIBS = "-L$(CURL_LIBDIR) -lcurl",
  },
  install_variables = {
    LUADIR = "$(LUADIR)",
    LIBDIR = "$(LIBDIR)",
    BINDIR = "$(BINDIR)",
    MANDIR = "",
    LUA = "$(LUA)",
    WRAPPED = "yes", -- LuaRocks starts it through a script of its own
  },
}
