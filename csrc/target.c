/* What a call is about: a number, a shortcode or a uuid. */
#include <math.h>
#include <string.h>

#include "arguments.h"
#include "number.h"
#include "text.h"

#define MAX_EXACT 9007199254740992.0

/* Leaves the digits of the Lua number at index in out; 0 where it isn't a whole number that is known exactly. */
static size_t digits_of_number(lua_State *L, int index, char *out, size_t most) {
  lua_Number number = lua_tonumber(L, index);
  char digits[20];
  size_t used = 0;
  if (!(number >= 0 && number < MAX_EXACT) || floor(number) != number) return 0;
  unsigned long long rest = (unsigned long long)number;
  do {
    digits[used++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (used > most) return 0;
  for (size_t i = 0; i < used; i++) out[i] = digits[used - 1 - i];
  return used;
}

static int check_number(lua_State *L, int index, char out[NP_MAX_DIGITS + 1]) {
  size_t used;
  if (lua_type(L, index) == LUA_TNUMBER) {
    used = digits_of_number(L, index, out, NP_MAX_DIGITS);
    if (used < 2) return np_invalid(L, "number", "a whole number of 2 to 15 digits", index);
  } else {
    used = np_read_number(L, index, out);
    if (used == 0) return 0;
  }
  out[used] = '\0';
  return 1;
}

static int check_shortcode(lua_State *L, int index, char out[NP_MAX_DIGITS + 1]) {
  size_t used = 0;
  if (lua_type(L, index) == LUA_TNUMBER) {
    used = digits_of_number(L, index, out, 8);
  } else {
    const char *text = lua_tolstring(L, index, &used);
    if (np_all_digits(text, used, 3, 8)) {
      memcpy(out, text, used);
    } else {
      used = 0;
    }
  }
  out[used] = '\0';
  return used >= 3 ? 1 : np_invalid(L, "shortcode", "3 to 8 digits", index);
}

static int check_uuid(lua_State *L, int index, char out[NP_MAX_UUID + 1]) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  if (!np_is_identifier(text, length)) return np_invalid(L, "uuid", "1 to 64 of [A-Za-z0-9_-]", index);
  memcpy(out, text, length + 1);
  return 1;
}

int np_check_target(lua_State *L, const np_operation *operation, int index, char out[NP_MAX_UUID + 1]) {
  out[0] = '\0';
  switch (operation->target) {
    case NP_NUMBER: return check_number(L, index, out);
    case NP_SHORTCODE: return check_shortcode(L, index, out);
    case NP_UUID: return check_uuid(L, index, out);
    case NP_NO_TARGET: break;
  }
  return 1;
}
