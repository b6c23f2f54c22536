/* A Lua interpreter to be built with sanitizers, whose runtime must be in the process before any
   module that was built with them: `lua [-e chunk]… [script [argument]…]`. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An error of nil is busted's way out on Lua 5.1: there is nothing to say about it. */
static int traceback(lua_State *L) {
  if (lua_isnil(L, 1)) return 1;
  lua_getglobal(L, "debug");
  lua_getfield(L, -1, "traceback");
  lua_getglobal(L, "tostring");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  lua_pushinteger(L, 2);
  lua_call(L, 2, 1);
  return 1;
}

static int call(lua_State *L, int arguments) {
  int handler = lua_gettop(L) - arguments;
  lua_pushcfunction(L, traceback);
  lua_insert(L, handler);
  int status = lua_pcall(L, arguments, 0, handler);
  if (status != 0) {
    if (!lua_isnil(L, -1)) fprintf(stderr, "%s\n", lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  lua_remove(L, handler);
  return status;
}

static int load_failed(lua_State *L) {
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  return 1;
}

static int run(lua_State *L, int argc, char **argv) {
  int script = 1;
  while (script + 1 < argc && strcmp(argv[script], "-e") == 0) {
    script += 2;
  }
  lua_createtable(L, argc - script, script + 1);
  for (int index = 0; index < argc; index++) {
    lua_pushstring(L, argv[index]);
    lua_rawseti(L, -2, index - script);
  }
  lua_setglobal(L, "arg");
  for (int option = 1; option < script; option += 2) {
    if (luaL_loadstring(L, argv[option + 1]) != 0) return load_failed(L);
    if (call(L, 0) != 0) return 1;
  }
  if (script >= argc) return 0;
  if (luaL_loadfile(L, argv[script]) != 0) return load_failed(L);
  for (int index = script + 1; index < argc; index++) {
    lua_pushstring(L, argv[index]);
  }
  return call(L, argc - script - 1) != 0;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* a report of leaks ends the process without a flush */
  lua_State *L = luaL_newstate();
  if (L == NULL) return EXIT_FAILURE;
  luaL_openlibs(L);
  int failed = run(L, argc, argv);
  lua_close(L);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
