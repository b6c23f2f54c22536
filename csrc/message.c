/* What callers are told of arguments that are wrong. */
#include "message.h"

#include <stdarg.h>

#include "utf8.h"

#define MAX_SHOWN_BYTES 60
#define MAX_SHOWN 160    /* characters of what is shown */
#define MAX_CHARACTER 12 /* characters of one that can't be printed */

int np_raise(lua_State *L, const char *format, ...) {
  va_list arguments;
  luaL_where(L, 2);
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_concat(L, 2);
  return lua_error(L);
}

const char *np_type_name(lua_State *L, int index) {
  return lua_isnoneornil(L, index) ? "no value" : luaL_typename(L, index);
}

int np_raise_type(lua_State *L, const char *method, const char *name, const char *expected, int index) {
  return np_raise(L, "%s: %s: %s expected, got %s", method, name, expected, np_type_name(L, index));
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
