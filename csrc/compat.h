/* One API for Lua 5.1 to 5.4 and LuaJIT: what the sources use and an older Lua lacks. */
#ifndef NP_COMPAT_H
#define NP_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if defined(__GNUC__)
#define NP_EXPORT __attribute__((visibility("default")))
#else
#define NP_EXPORT
#endif

#if LUA_VERSION_NUM >= 503
#define NP_HAS_INTEGERS 1
#else
#define NP_HAS_INTEGERS 0
#endif

/* 2^53: below it a double holds every integer exactly. */
#define NP_MAX_EXACT 9007199254740992.0

#if LUA_VERSION_NUM == 501

#define lua_rawlen lua_objlen
#define lua_absindex(L, i) ((i) > 0 || (i) <= LUA_REGISTRYINDEX ? (i) : lua_gettop(L) + (i) + 1)
#define np_setfuncs(L, methods) luaL_register((L), NULL, (methods))

/* A userdata's reference to what it must outlive: always a table or nil, which every Lua can hold. */
#define np_getreference(L, i) lua_getfenv((L), (i))
#define np_setreference(L, i) lua_setfenv((L), (i))

/* LuaJIT has luaL_testudata, stock 5.1 doesn't. */
static inline void *np_testudata(lua_State *L, int index, const char *name) {
  void *data = lua_touserdata(L, index);
  if (data == NULL || !lua_getmetatable(L, index)) return NULL;
  luaL_getmetatable(L, name);
  int same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? data : NULL;
}

#else

#define np_setfuncs(L, methods) luaL_setfuncs((L), (methods), 0)
#define np_testudata luaL_testudata
#define np_getreference(L, i) lua_getuservalue((L), (i))
#define np_setreference(L, i) lua_setuservalue((L), (i))

#endif

#endif
