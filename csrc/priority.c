/* The option number_priority: a list of tables, which a body has as JSON. */
#include "priority.h"

#include <string.h>

#include "ascii.h"
#include "check.h"
#include "message.h"
#include "value.h"

/* Pops the value at the top and returns 1 if it is a word; else pushes what is wrong with it and returns 0. */
static int check_word(lua_State *L, const char *method, const char *name) {
  size_t length;
  const char *text;
  if (lua_type(L, -1) != LUA_TSTRING) return np_raise_type(L, method, name, "string", -1);
  text = lua_tolstring(L, -1, &length);
  if (!np_is_identifier(text, length)) return np_invalid(L, name, "1 to 64 of [A-Za-z0-9_-]", -1);
  lua_pop(L, 1);
  return 1;
}

/* Pushes a plain copy of the table at index, the field `priority`: words by words. */
static int copy_priorities(lua_State *L, const char *method, int index) {
  if (!lua_istable(L, index)) return np_raise_type(L, method, "number_priority: priority", "table", index);
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pushvalue(L, -1);
    if (!check_word(L, method, "number_priority: priority")) return 0;
    lua_pushvalue(L, -2);
    if (!check_word(L, method, "number_priority: priority's name")) return 0;
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  return 1;
}

/* Copies the word in the field of the entry into the table at the top. */
static int copy_word(lua_State *L, const char *method, int entry, const char *field, const char *name) {
  np_get_raw(L, entry, field);
  lua_pushvalue(L, -1);
  if (!check_word(L, method, name)) return 0;
  lua_setfield(L, -2, field);
  return 1;
}

/* Pushes a plain copy of an entry: { country_iso, service_type, priority = { priority1, … } }, all strings. The copy
 * has no metatable, which the encoder would follow. */
static int copy_priority_entry(lua_State *L, const char *method, int entry) {
  if (!lua_istable(L, entry)) return np_raise_type(L, method, "number_priority: entry", "table", entry);
  lua_pushnil(L);
  while (lua_next(L, entry)) {
    lua_pop(L, 1);
    const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (strcmp(key, "country_iso") != 0 && strcmp(key, "service_type") != 0 && strcmp(key, "priority") != 0) {
      np_push_shown(L, -1);
      return np_raise(L, "%s: number_priority: unknown field %s, expected one of country_iso, service_type, priority",
                      method, lua_tostring(L, -1));
    }
  }
  lua_createtable(L, 0, 3);
  if (!copy_word(L, method, entry, "country_iso", "number_priority: country_iso")) return 0;
  if (!copy_word(L, method, entry, "service_type", "number_priority: service_type")) return 0;
  np_get_raw(L, entry, "priority");
  if (!copy_priorities(L, method, lua_gettop(L))) return 0;
  lua_setfield(L, -3, "priority");
  lua_pop(L, 1);
  return 1;
}

/* Written entry by entry, since an empty list has to be [] and lua-cjson writes {} for it. */
int np_push_priority(lua_State *L, const char *method, int index) {
  int entries = (int)lua_rawlen(L, index);
  np_check_list(L, method, "number_priority", index);
  lua_pushliteral(L, "[");
  for (int i = 1; i <= entries; i++) {
    if (i > 1) {
      lua_pushliteral(L, ",");
      lua_concat(L, 2);
    }
    lua_rawgeti(L, index, i);
    if (!copy_priority_entry(L, method, lua_gettop(L))) return 0;
    np_push_json(L, -1);
    lua_replace(L, -3);
    lua_pop(L, 1);
    lua_concat(L, 2);
  }
  lua_pushliteral(L, "]");
  lua_concat(L, 2);
  return 1;
}
