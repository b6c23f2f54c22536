/* A Lua interpreter to be built with sanitizers, whose runtime must be in the process before any
   module that was built with them: `lua [-e chunk]… [script [argument]…]`. Ctrl-C raises an error, as in
   the stock one. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

/* glibc keeps the folders of LOCPATH that setlocale has read, and leaves what it took them apart with. */
EXPORTED const char *__lsan_default_suppressions(void);
EXPORTED const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void) { return "leak:__argz_add_sep\n"; }

const char *__lsan_default_options(void) { return "print_suppressions=0"; }

static lua_State *main_state; /* for the signal's handler */

static void raise_interrupted(lua_State *L, lua_Debug *unused) {
  (void)unused;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted!");
}

/* A second one ends the process. Setting a hook is all that may be done to a state in a handler. */
static void on_interrupt(int number) {
  signal(number, SIG_DFL);
  lua_sethook(main_state, raise_interrupted, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

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
  main_state = L;
  signal(SIGINT, on_interrupt);
  int status = lua_pcall(L, arguments, 0, handler);
  signal(SIGINT, SIG_DFL);
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
