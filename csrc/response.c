/* JSON becomes Lua tables here. What isn't plain enough for plain.c is decoded by lua-cjson, and what that leaves
 * different from Lua to Lua is made the same. Integers are Lua integers where Lua has them, null is an absent field,
 * and an integer that the Lua at hand can't hold exactly is a string of its digits. */
#include "response.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "operation.h"
#include "plain.h"
#include "text.h"

#define MAX_EXACT 9007199254740992.0
#define SAFE_DIGITS 15 /* any integer of so many digits is exact in a double */
#define MAX_LIMIT 20

/* What stands before the digits of a quoted integer: a control character, which the text that lua-cjson reads has as
 * \u0001, and a number that no server knows. */
#define MARK_LENGTH 18
static char mark[MARK_LENGTH + 1];
static char escaped_mark[MARK_LENGTH + 6];

static void make_mark(const lua_State *L) {
  unsigned long long nonce =
      (unsigned long long)(uintptr_t)L ^ ((unsigned long long)time(NULL) << 20) ^ ((unsigned long long)clock() << 40);
  if (mark[0] != '\0') return;
  snprintf(mark, sizeof mark, "\001%016llx:", nonce);
  snprintf(escaped_mark, sizeof escaped_mark, "\\u0001%s", mark + 1);
}

/* The first byte after the string that begins at text (after its quote). */
static const char *skip_string(const char *text, const char *end) {
  while (text < end) {
    const char *quote = memchr(text, '"', (size_t)(end - text));
    const char *escape;
    if (quote == NULL) return end;
    escape = memchr(text, '\\', (size_t)(quote - text));
    if (escape == NULL) return quote + 1;
    text = escape + 2;
  }
  return end;
}

/* The next integer of more than SAFE_DIGITS digits outside of strings, from its sign on; NULL if there is none. */
static const char *next_long_integer(const char *text, const char *end, size_t *length) {
  while (text < end) {
    if (*text == '"') {
      text = skip_string(text + 1, end);
    } else if (np_is_digit(*text) || *text == '-') {
      const char *start = text++;
      while (text < end && np_is_digit(*text)) text++;
      if (text < end && (*text == '.' || *text == 'e' || *text == 'E')) {
        while (text < end && (np_is_digit(*text) || strchr(".eE+-", *text) != NULL)) text++;
      } else if (text - start - (*start == '-') > SAFE_DIGITS) {
        *length = (size_t)(text - start);
        return start;
      }
    } else {
      text++;
    }
  }
  return NULL;
}

/* lua-cjson turns every number into a double: long integers are handed to it as marked strings instead.
 * Returns 1 and leaves the changed text at the top if there is any, else 0. */
static int quote_long_integers(lua_State *L, const char *text, size_t size) {
  const char *end = text + size;
  size_t length = 0;
  const char *found = next_long_integer(text, end, &length);
  luaL_Buffer buffer;
  if (found == NULL) return 0;
  make_mark(L);
  luaL_buffinit(L, &buffer);
  while (found != NULL) {
    luaL_addlstring(&buffer, text, (size_t)(found - text));
    luaL_addchar(&buffer, '"');
    luaL_addlstring(&buffer, escaped_mark, sizeof escaped_mark - 1);
    luaL_addlstring(&buffer, found, length);
    luaL_addchar(&buffer, '"');
    text = found + length;
    found = next_long_integer(text, end, &length);
  }
  luaL_addlstring(&buffer, text, (size_t)(end - text));
  luaL_pushresult(&buffer);
  return 1;
}

/* Pushes the integer that digits spell. */
static void push_long_integer(lua_State *L, const char *digits) {
  long long integer;
  errno = 0;
  integer = strtoll(digits, NULL, 10);
  if (errno == 0 && (NP_HAS_INTEGERS || fabs((double)integer) < MAX_EXACT)) {
    lua_pushinteger(L, (lua_Integer)integer);
  } else {
    lua_pushstring(L, digits);
  }
}

/* Pushes what the value at the top should be instead and returns 1, or returns 0 where it is right as it is. */
static int push_normal(lua_State *L, int has_marks) {
  switch (lua_type(L, -1)) {
    case LUA_TLIGHTUSERDATA: lua_pushnil(L); return 1;
#if NP_HAS_INTEGERS
    case LUA_TNUMBER: {
      lua_Number number = lua_tonumber(L, -1);
      if (lua_isinteger(L, -1) || floor(number) != number || fabs(number) >= MAX_EXACT) return 0;
      lua_pushinteger(L, (lua_Integer)number);
      return 1;
    }
#endif
    case LUA_TSTRING:
      if (has_marks) {
        size_t length;
        const char *text = lua_tolstring(L, -1, &length);
        if (length <= MARK_LENGTH || memcmp(text, mark, MARK_LENGTH) != 0) return 0;
        push_long_integer(L, text + MARK_LENGTH);
        return 1;
      }
      return 0;
    default: return 0;
  }
}

/* As deep as lua-cjson lets text be nested: its limit is set where it is made. */
static void normalise(lua_State *L, int has_marks) {
  int table = lua_gettop(L);
  luaL_checkstack(L, 6, "JSON nested too deeply");
  lua_pushnil(L);
  while (lua_next(L, table)) {
    if (lua_istable(L, -1)) {
      normalise(L, has_marks);
    } else if (push_normal(L, has_marks)) { /* key value normal */
      lua_pushvalue(L, -3);
      lua_insert(L, -2);
      lua_rawset(L, table); /* an existing field may be set, to nil too, while the table is traversed */
    }
    lua_pop(L, 1);
  }
}

/* Replaces the text at index by what it says at the top, or pushes nil and lua-cjson's reason and returns 0. */
static int decode(lua_State *L, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  int has_marks;
  if (np_decode_plain(L, text, length)) return 1;
  lua_pushvalue(L, lua_upvalueindex(1));
  has_marks = quote_long_integers(L, text, length);
  if (!has_marks) lua_pushvalue(L, index);
  if (lua_pcall(L, 1, 1, 0) != 0) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 0;
  }
  if (lua_istable(L, -1)) {
    normalise(L, has_marks);
  } else if (push_normal(L, has_marks)) {
    lua_remove(L, -2);
  }
  return 1;
}

int np_decode_json(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  lua_settop(L, 1);
  return decode(L, 1) ? 1 : 2;
}

static int refuse(lua_State *L, const char *why) {
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* The integer in the field of the table at index, or -1. */
static lua_Number get_count(lua_State *L, int index, const char *field) {
  lua_Number count = -1;
  lua_getfield(L, index, field);
  if (lua_type(L, -1) == LUA_TNUMBER) {
    count = lua_tonumber(L, -1);
    if (!(count >= 0 && count < MAX_EXACT) || floor(count) != count) count = -1;
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

/* Empty pools have been answered without meta. A page that isn't full is the last one, so that what is missing
 * follows from it; of a full one nothing follows. */
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

/* An empty object looks like an empty list; another one is none. */
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

/* A wrong count is worse than none: what isn't a whole number, or is missing, is refused. */
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

int np_decode_result(lua_State *L) {
  const np_operation *operation = &np_operations[lua_tointeger(L, lua_upvalueindex(2))];
  lua_Integer status = luaL_checkinteger(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  lua_settop(L, 4);
  if (status == 204 && operation->result == NP_ONE) {
    lua_createtable(L, 0, 1);
    set_string(L, "response", "success");
    return 1;
  }
  if (lua_rawlen(L, 2) == 0) return refuse(L, "the answer has no body");
  if (!decode(L, 2)) return 2;
  if (!lua_istable(L, -1)) return refuse(L, "the answer is no JSON object");
  if (operation->result == NP_COUNT) return return_count(L, lua_gettop(L));
  if (operation->result == NP_LIST) {
    lua_Integer limit = lua_isnil(L, 3) ? MAX_LIMIT : lua_tointeger(L, 3);
    int list = lua_gettop(L);
    if (!has_objects(L, list)) return refuse(L, "the answer is no list: it has no objects");
    complete_meta(L, list, limit, lua_tointeger(L, 4));
  }
  return 1;
}
