/* What a call returns for a successful answer: its JSON as Lua tables, a list with its meta, or a count. */
#include "answer.h"

#include <math.h>

#include "json.h"
#include "operation.h"

#define MAX_LIMIT 20

static int refuse(lua_State *L, const char *why) {
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* The whole number in the field of the table at index, or -1. */
static lua_Number get_count(lua_State *L, int index, const char *field) {
  lua_Number count = -1;
  lua_getfield(L, index, field);
  if (lua_type(L, -1) == LUA_TNUMBER) {
    count = lua_tonumber(L, -1);
    if (!(count >= 0 && count < NP_MAX_EXACT) || floor(count) != count) count = -1;
  }
  lua_pop(L, 1);
  return count;
}

static void set_integer(lua_State *L, const char *field, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, field);
}

static void set_string(lua_State *L, const char *field, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

/* Sets the list's meta where the answer has none, as it happens with empty pools. A page that isn't full is the last
 * one, which tells how many entries there are; a full one stays without. */
static void complete_meta(lua_State *L, int list, lua_Integer limit, lua_Integer offset) {
  lua_Integer received;
  lua_getfield(L, list, "meta");
  if (!lua_istable(L, -1)) {
    lua_getfield(L, list, "objects");
    received = (lua_Integer)lua_rawlen(L, -1);
    lua_pop(L, 1);
    if (received < limit) {
      lua_createtable(L, 0, 5);
      set_integer(L, "limit", limit);
      set_integer(L, "offset", offset);
      set_integer(L, "total_count", offset + received);
      set_string(L, "next", "");
      set_string(L, "previous", "");
      lua_setfield(L, list, "meta");
    }
  }
  lua_pop(L, 1);
}

/* Sets the list's objects to an empty list where they came as null (an absent field) and the count is 0. With any other
 * count, entries would be lost. */
static void complete_objects(lua_State *L, int list) {
  lua_getfield(L, list, "objects");
  lua_getfield(L, list, "meta");
  if (lua_isnil(L, -2) && lua_istable(L, -1) && get_count(L, lua_gettop(L), "total_count") == 0) {
    lua_newtable(L);
    lua_setfield(L, list, "objects");
  }
  lua_pop(L, 2);
}

/* Whether the objects are a list. An empty object of JSON can't be told from an empty list. */
static int has_objects(lua_State *L, int list) {
  int top = lua_gettop(L);
  int is_list = 0;
  lua_getfield(L, list, "objects");
  if (lua_istable(L, -1)) {
    lua_pushnil(L);
    is_list = lua_rawlen(L, -2) > 0 || !lua_next(L, -2);
  }
  lua_settop(L, top);
  return is_list;
}

/* Whether an entry of the objects is null: whoever goes through them would take it for their end. */
static int has_null(lua_State *L, int list) {
  int top = lua_gettop(L);
  int is_there = 1;
  lua_getfield(L, list, "objects");
  for (int i = (int)lua_rawlen(L, -1); i > 0 && is_there; i--) {
    lua_rawgeti(L, top + 1, i);
    is_there = !lua_isnil(L, -1);
    lua_pop(L, 1);
  }
  lua_settop(L, top);
  return !is_there;
}

/* Returns the count, or nil and why it isn't known. A wrong count is worse than none. */
static int return_count(lua_State *L, int list) {
  lua_Number count;
  lua_getfield(L, list, "meta");
  if (!lua_istable(L, -1)) {
    if (!has_objects(L, list)) return refuse(L, "the answer is no list: it has neither meta nor objects");
    complete_meta(L, list, 1, 0);
    lua_getfield(L, list, "meta");
    if (!lua_istable(L, -1)) return refuse(L, "the count is unknown: a full page came without meta");
  }
  count = get_count(L, lua_gettop(L), "total_count");
  if (count < 0) return refuse(L, "the count is unknown: meta.total_count is no whole number");
  lua_pushinteger(L, (lua_Integer)count);
  return 1;
}

int np_decode_answer(lua_State *L) {
  const np_operation *operation = &np_operations[lua_tointeger(L, lua_upvalueindex(1))];
  lua_Integer status = luaL_checkinteger(L, 1);
  const char *text;
  size_t length;
  luaL_checktype(L, 2, LUA_TSTRING);
  lua_settop(L, 4);
  if (status == 204 && operation->result == NP_ONE) {
    lua_createtable(L, 0, 1);
    set_string(L, "response", "success");
    return 1;
  }
  if (lua_rawlen(L, 2) == 0) return refuse(L, "the answer has no body");
  text = lua_tolstring(L, 2, &length);
  if (!np_decode_json(L, text, length, 0)) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (!lua_istable(L, -1)) return refuse(L, "the answer is no JSON object");
  if (operation->result == NP_COUNT) return return_count(L, lua_gettop(L));
  if (operation->result == NP_LIST) {
    lua_Integer limit = lua_isnil(L, 3) ? MAX_LIMIT : lua_tointeger(L, 3);
    int list = lua_gettop(L);
    complete_objects(L, list);
    if (!has_objects(L, list)) return refuse(L, "the answer is no list: it has no objects");
    if (has_null(L, list)) return refuse(L, "an entry of the list is null");
    complete_meta(L, list, limit, lua_tointeger(L, 4));
  }
  return 1;
}
