/* Types of arguments, and the options that every operation has. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "message.h"

#define MAX_RETRIES 100
#define MAX_TIMEOUT 2147483.0 /* seconds: in milliseconds it must fit a 32-bit long */

void np_get_raw(lua_State *L, int index, const char *name) {
  if (index == 0) {
    lua_pushnil(L);
    return;
  }
  index = lua_absindex(L, index);
  lua_pushstring(L, name);
  lua_rawget(L, index);
}

int np_check_timeout(lua_State *L, int index) {
  lua_Number seconds = lua_tonumber(L, index);
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT)) {
    return np_invalid(L, "timeout", "more than 0 and at most 2147483 seconds", index);
  }
  lua_pushnumber(L, seconds);
  return 1;
}

int np_check_retries(lua_State *L, int index) {
  lua_Number retries = lua_tonumber(L, index);
  if (!(retries >= 0 && retries <= MAX_RETRIES) || floor(retries) != retries) {
    return np_invalid(L, "retries", "0 to 100", index);
  }
  lua_pushinteger(L, (lua_Integer)retries);
  return 1;
}

/* The Lua types that a value may have, a bit for each, and what an error calls them. */
typedef struct kind {
  unsigned types;
  const char *name;
} kind;

#define OF(type) (1u << (type))

static const kind integer = {OF(LUA_TNUMBER), "integer"};
static const kind number = {OF(LUA_TNUMBER), "number"};
static const kind string = {OF(LUA_TSTRING), "string"};
static const kind string_or_number = {OF(LUA_TSTRING) | OF(LUA_TNUMBER), "string or number"};

static const kind *kind_of_parameter(np_type type) {
  static const kind boolean = {OF(LUA_TBOOLEAN), "boolean"};
  static const kind list = {OF(LUA_TTABLE), "list"};
  static const kind string_or_list = {OF(LUA_TSTRING) | OF(LUA_TTABLE), "string or list"};
  switch (type) {
    case NP_BOOLEAN: return &boolean;
    case NP_LIMIT:
    case NP_OFFSET: return &integer;
    case NP_PREFIXES: return &string_or_list;
    case NP_PRIORITY: return &list;
    default: return &string;
  }
}

/* The types of the option; NULL where the operation has none of that name. */
static const kind *kind_of_option(const np_operation *operation, const char *name) {
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    if (strcmp(p->name, name) == 0) return kind_of_parameter(p->type);
  }
  if (strcmp(name, "retries") == 0) return &integer;
  return strcmp(name, "timeout") == 0 ? &number : NULL;
}

static void check_kind(lua_State *L, const char *method, const char *name, const kind *expected, int index) {
  int type = lua_type(L, index);
  if (type < 0 || (expected->types & OF(type)) == 0) np_raise_type(L, method, name, expected->name, index);
}

static int raise_unknown(lua_State *L, const np_operation *operation, const char *method, int index) {
  np_push_shown(L, index);
  lua_pushliteral(L, "");
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    lua_pushfstring(L, "%s, ", p->name);
    lua_concat(L, 2);
  }
  return np_raise(L, "%s: unknown option %s, expected one of %sretries, timeout", method, lua_tostring(L, -2),
                  lua_tostring(L, -1));
}

/* Whether the value is a string without a zero byte, which C would take for its end. */
static int is_c_string(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TSTRING && strlen(lua_tostring(L, index)) == lua_rawlen(L, index);
}

void np_check_list(lua_State *L, const char *method, const char *name, int index) {
  lua_Number last = (lua_Number)lua_rawlen(L, index);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_Number key = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
    lua_pop(L, 1);
    if (!(key >= 1 && key <= last) || floor(key) != key) {
      np_push_shown(L, -1);
      np_raise(L, "%s: %s: list expected, got a table with the key %s", method, name, lua_tostring(L, -1));
    }
  }
}

void np_check_target_type(lua_State *L, const np_operation *operation, int index) {
  const kind *expected = operation->target == NP_UUID ? &string : &string_or_number;
  if (operation->target == NP_NO_TARGET) return;
  check_kind(L, operation->name, np_target_name(operation->target), expected, index);
}

static void check_required(lua_State *L, const np_operation *operation, const char *method, int options) {
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    if (!p->is_required) continue;
    np_get_raw(L, options, p->name);
    check_kind(L, method, p->name, kind_of_parameter(p->type), lua_gettop(L));
    lua_pop(L, 1);
  }
}

void np_check_option_types(lua_State *L, const np_operation *operation, const char *method, int options) {
  if (lua_isnoneornil(L, options)) {
    check_required(L, operation, method, 0);
    return;
  }
  if (!lua_istable(L, options)) np_raise_type(L, method, "options", "table", options);
  lua_pushnil(L);
  while (lua_next(L, options)) {
    int value = lua_gettop(L);
    const kind *expected = NULL;
    if (is_c_string(L, value - 1)) expected = kind_of_option(operation, lua_tostring(L, value - 1));
    if (expected == NULL) raise_unknown(L, operation, method, value - 1);
    check_kind(L, method, lua_tostring(L, value - 1), expected, value);
    lua_pop(L, 1);
  }
  check_required(L, operation, method, options);
}
