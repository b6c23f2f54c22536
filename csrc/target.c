/* What a call is about: a number, a shortcode or a uuid. */
#include <math.h>
#include <string.h>

#include "arguments.h"
#include "text.h"

#define MAX_EXACT 9007199254740992.0

/* The digits of an international number as people write it, after its plus sign. A group "(0)" is the
 * trunk prefix that is dialled at home only: neither keeping nor dropping it is known to be meant. */
static size_t digits_after_plus(const char *text, size_t length, char out[NP_MAX_DIGITS + 1]) {
  size_t used = 0;
  size_t group = 0; /* where the open parenthesis' digits begin, plus 1; 0 outside */
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (np_is_digit(c)) {
      if (used == NP_MAX_DIGITS) return 0;
      out[used++] = c;
    } else if (c == '(') {
      if (group) return 0;
      group = used + 1;
    } else if (c == ')') {
      if (!group || used == group - 1) return 0;
      if (used == group && out[used - 1] == '0') return 0;
      group = 0;
    } else if (c != ' ' && c != '-' && c != '.') {
      return 0;
    }
  }
  return group ? 0 : used;
}

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
  size_t used = 0;
  if (lua_type(L, index) == LUA_TNUMBER) {
    used = digits_of_number(L, index, out, NP_MAX_DIGITS);
  } else {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    if (length > 0 && text[0] == '+') {
      used = digits_after_plus(text + 1, length - 1, out);
    } else if (np_all_digits(text, length, 1, NP_MAX_DIGITS)) {
      used = length;
      memcpy(out, text, length);
    }
  }
  out[used] = '\0';
  if (used < 2 || out[0] == '0') {
    return np_invalid(L, "number", "2 to 15 digits with the country code, punctuation only after a +", index);
  }
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
