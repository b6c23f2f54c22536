/* The pool userdata: the uuid of a number pool and a reference to its client. */
#include "pool.h"

#include <string.h>

#include "ascii.h"
#include "message.h"

#define POOL_TYPE "numberpool.pool"

typedef struct np_pool {
  char uuid[NP_MAX_IDENTIFIER + 1];
} np_pool;

static np_pool *check_pool(lua_State *L, int index, const char *method) {
  np_pool *pool = np_testudata(L, index, POOL_TYPE);
  if (pool == NULL) np_raise(L, "%s: pool expected, got %s (call it with a colon)", method, np_type_name(L, index));
  return pool;
}

const char *np_pool_uuid(lua_State *L, int index, const char *method) { return check_pool(L, index, method)->uuid; }

int np_pool_client(lua_State *L) {
  check_pool(L, 1, luaL_optstring(L, 2, "a pool's method"));
  np_getreference(L, 1);
  return 1;
}

int np_pool_new(lua_State *L) {
  size_t length;
  const char *uuid = luaL_checklstring(L, 2, &length);
  np_pool *pool;
  luaL_checktype(L, 1, LUA_TTABLE);
  if (!np_is_identifier(uuid, length)) {
    lua_pushnil(L);
    np_invalid(L, "uuid", "1 to 64 of [A-Za-z0-9_-]", 2);
    return 2;
  }
  pool = lua_newuserdata(L, sizeof *pool);
  memcpy(pool->uuid, uuid, length + 1);
  luaL_getmetatable(L, POOL_TYPE);
  lua_setmetatable(L, -2);
  lua_pushvalue(L, 1);
  np_setreference(L, -2);
  return 1;
}

/* Upvalue 1: the methods. */
static int index_pool(lua_State *L) {
  np_pool *pool;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  pool = np_testudata(L, 1, POOL_TYPE);
  if (pool != NULL && lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "uuid") == 0) {
    lua_pushstring(L, pool->uuid);
    return 1;
  }
  return 0;
}

static int pool_tostring(lua_State *L) {
  lua_pushfstring(L, "numberpool pool %s", check_pool(L, 1, "tostring")->uuid);
  return 1;
}

void np_pool_open(lua_State *L) {
  static const luaL_Reg metamethods[] = {{"__tostring", pool_tostring}, {NULL, NULL}};
  luaL_newmetatable(L, POOL_TYPE); /* metatable */
  np_setfuncs(L, metamethods);
  lua_pushliteral(L, "numberpool.pool");
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0); /* what getmetatable gives: nobody changes the methods */
  lua_setfield(L, -2, "__metatable");
  lua_newtable(L); /* metatable methods */
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, index_pool, 1);
  lua_setfield(L, -3, "__index");
  lua_remove(L, -2);
}
