/* What all checks of arguments share: errors that name the value, and the names and options of every call. */
#include "arguments.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

#define MAX_SHOWN_BYTES 60
#define MAX_SHOWN 160    /* characters of what is shown */
#define MAX_CHARACTER 12 /* characters of one that can't be printed */
#define MAX_RETRIES 100
#define MAX_TIMEOUT 2147483.0 /* seconds: in milliseconds it must fit a 32-bit long */

int np_raise(lua_State *L, const char *format, ...) {
  va_list arguments;
  luaL_where(L, 2);
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_concat(L, 2);
  return lua_error(L);
}

int np_raise_type(lua_State *L, const char *operation, const char *name, const char *expected, int index) {
  const char *received = lua_isnoneornil(L, index) ? "no value" : luaL_typename(L, index);
  return np_raise(L, "%s: %s: %s expected, got %s", operation, name, expected, received);
}

void np_get_raw(lua_State *L, int index, const char *name) {
  if (index == 0) {
    lua_pushnil(L);
    return;
  }
  index = lua_absindex(L, index);
  lua_pushstring(L, name);
  lua_rawget(L, index);
}

/* Writes the character at the place as U+00A0 or \xff; returns how long that is. */
static size_t write_character(char *out, const char *text, size_t length, size_t *at) {
  static const char hexadecimal[] = "0123456789ABCDEF";
  unsigned long character = 0;
  size_t size = np_read_utf8(text + *at, length - *at, &character);
  size_t used = 0;
  int bits = 12;
  *at += size > 0 ? size : 1;
  if (size == 0) {
    out[used++] = '\\';
    out[used++] = 'x';
    character = (unsigned char)text[*at - 1];
    bits = 4;
  } else {
    out[used++] = 'U';
    out[used++] = '+';
    while (character >> bits >= 16) bits += 4;
  }
  for (; bits >= 0; bits -= 4) out[used++] = hexadecimal[(character >> bits) & 15];
  return used;
}

void np_push_character(lua_State *L, const char *text, size_t length, size_t *at) {
  char shown[MAX_CHARACTER];
  size_t used = write_character(shown, text, length, at);
  lua_pushlstring(L, shown, used);
}

static void show_string(lua_State *L, const char *text, size_t length) {
  char shown[MAX_SHOWN + MAX_CHARACTER + 4];
  size_t used = 0;
  size_t at = 0;
  shown[used++] = '"';
  while (at < length && at < MAX_SHOWN_BYTES && used < MAX_SHOWN) {
    char c = text[at];
    if (c == '"' || c == '\\') {
      shown[used++] = '\\';
      shown[used++] = c;
      at++;
    } else if (c >= 0x20 && c < 0x7f) {
      shown[used++] = c;
      at++;
    } else {
      shown[used++] = '<';
      used += write_character(shown + used, text, length, &at);
      shown[used++] = '>';
    }
  }
  shown[used++] = '"';
  lua_pushlstring(L, shown, used);
  if (at < length) {
    lua_pushliteral(L, "...");
    lua_concat(L, 2);
  }
}

void np_push_shown(lua_State *L, int index) {
  size_t length;
  const char *text;
  switch (lua_type(L, index)) {
    case LUA_TSTRING:
      text = lua_tolstring(L, index, &length);
      show_string(L, text, length);
      break;
    case LUA_TNUMBER: /* a copy, since lua_tolstring changes its argument's type */
      lua_pushvalue(L, index);
      lua_tostring(L, -1);
      break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
    default: lua_pushstring(L, luaL_typename(L, index)); break;
  }
}

int np_invalid(lua_State *L, const char *name, const char *expected, int index) {
  np_push_shown(L, index);
  lua_pushfstring(L, "%s: expected %s, got %s", name, expected, lua_tostring(L, -1));
  lua_remove(L, -2);
  return 0;
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

/* NULL where the operation has no such option. */
static const kind *kind_of_option(const np_operation *operation, const char *name) {
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    if (strcmp(p->name, name) == 0) return kind_of_parameter(p->type);
  }
  if (strcmp(name, "retries") == 0) return &integer;
  return strcmp(name, "timeout") == 0 ? &number : NULL;
}

static void check_kind(lua_State *L, const np_operation *operation, const char *name, const kind *expected, int index) {
  int type = lua_type(L, index);
  if (type < 0 || (expected->types & OF(type)) == 0) np_raise_type(L, operation->name, name, expected->name, index);
}

static int raise_unknown(lua_State *L, const np_operation *operation, int index) {
  np_push_shown(L, index);
  lua_pushliteral(L, "");
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    lua_pushfstring(L, "%s, ", p->name);
    lua_concat(L, 2);
  }
  return np_raise(L, "%s: unknown option %s, expected one of %sretries, timeout", operation->name, lua_tostring(L, -2),
                  lua_tostring(L, -1));
}

/* Whether it is a string that C sees the whole of. */
static int is_word_of_c(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TSTRING && strlen(lua_tostring(L, index)) == lua_rawlen(L, index);
}

void np_check_types(lua_State *L, const np_operation *operation, int target, int options) {
  if (operation->target != NP_NO_TARGET) {
    const kind *expected = operation->target == NP_UUID ? &string : &string_or_number;
    check_kind(L, operation, np_target_name(operation->target), expected, target);
  }
  if (lua_isnoneornil(L, options)) return;
  if (!lua_istable(L, options)) np_raise_type(L, operation->name, "options", "table", options);
  lua_pushnil(L);
  while (lua_next(L, options)) {
    int value = lua_gettop(L);
    const kind *expected = NULL;
    if (is_word_of_c(L, value - 1)) expected = kind_of_option(operation, lua_tostring(L, value - 1));
    if (expected == NULL) raise_unknown(L, operation, value - 1);
    check_kind(L, operation, lua_tostring(L, value - 1), expected, value);
    lua_pop(L, 1);
  }
}
