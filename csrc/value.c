/* Targets and options, as they go on the wire. Each value is checked as it is read: nothing is sent where one is wrong.
 */
#include "value.h"

#include <math.h>
#include <string.h>

#include "ascii.h"
#include "check.h"
#include "message.h"
#include "number.h"
#include "priority.h"
#include "utf8.h"

#define MAX_TEXT 4096
#define MAX_PREFIXES 10
#define MAX_PREFIX 14

/* Leaves the digits of the Lua number at index in out. Returns how many they are, or 0 where it isn't a whole number
 * that a double holds exactly. */
static size_t digits_of_number(lua_State *L, int index, char *out, size_t most) {
  lua_Number number = lua_tonumber(L, index);
  char digits[20];
  size_t used = 0;
  if (!(number >= 0 && number < NP_MAX_EXACT) || floor(number) != number) return 0;
  unsigned long long rest = (unsigned long long)number;
  do {
    digits[used++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (used > most) return 0;
  for (size_t i = 0; i < used; i++) out[i] = digits[used - 1 - i];
  return used;
}

static int read_number(lua_State *L, int index, char out[NP_MAX_DIGITS + 1]) {
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

static int read_shortcode(lua_State *L, int index, char out[NP_MAX_DIGITS + 1]) {
  size_t used = 0;
  if (lua_type(L, index) == LUA_TNUMBER) {
    used = digits_of_number(L, index, out, 8);
  } else {
    const char *text = lua_tolstring(L, index, &used);
    if (np_is_all_digits(text, used, 3, 8)) {
      memcpy(out, text, used);
    } else {
      used = 0;
    }
  }
  out[used] = '\0';
  return used >= 3 ? 1 : np_invalid(L, "shortcode", "3 to 8 digits", index);
}

static int read_uuid(lua_State *L, int index, char out[NP_MAX_IDENTIFIER + 1]) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  if (!np_is_identifier(text, length)) return np_invalid(L, "uuid", "1 to 64 of [A-Za-z0-9_-]", index);
  memcpy(out, text, length + 1);
  return 1;
}

int np_read_target(lua_State *L, const np_operation *operation, int index, char out[NP_MAX_IDENTIFIER + 1]) {
  out[0] = '\0';
  switch (operation->target) {
    case NP_NUMBER: return read_number(L, index, out);
    case NP_SHORTCODE: return read_shortcode(L, index, out);
    case NP_UUID: return read_uuid(L, index, out);
    case NP_NO_TARGET: break;
  }
  return 1;
}

void np_push_json(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
}

/* Pushes the text with everything escaped but unreserved characters (RFC 3986, section 2.1) and the comma of lists. */
static void push_escaped(lua_State *L, const char *text, size_t length) {
  static const char hexadecimal[] = "0123456789ABCDEF";
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (np_is_digit(c) || np_is_letter(c) || (c != '\0' && strchr("-._~,", c) != NULL)) {
      luaL_addchar(&buffer, c);
    } else {
      luaL_addchar(&buffer, '%');
      luaL_addchar(&buffer, hexadecimal[(unsigned char)c >> 4]);
      luaL_addchar(&buffer, hexadecimal[(unsigned char)c & 15]);
    }
  }
  luaL_pushresult(&buffer);
}

/* Replaces the string at the top by what goes on the wire. Returns 1. */
static int write_top(lua_State *L, np_form form) {
  if (form == NP_IN_BODY) {
    np_push_json(L, -1);
  } else {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    push_escaped(L, text, length);
  }
  lua_remove(L, -2);
  return 1;
}

static int write_string(lua_State *L, const char *text, np_form form) {
  lua_pushstring(L, text);
  return write_top(L, form);
}

static int push_integer(lua_State *L, const char *name, const char *expected, int index, lua_Number least,
                        lua_Number most) {
  lua_Number number = lua_tonumber(L, index);
  if (!(number >= least && number <= most) || floor(number) != number) return np_invalid(L, name, expected, index);
  lua_pushfstring(L, "%d", (int)number);
  return 1;
}

/* Whether the text is 1 to 10 prefixes of 1 to 14 digits with commas between them. */
static int are_prefixes(const char *text, size_t length) {
  size_t start = 0;
  int count = 0;
  for (size_t i = 0; i <= length; i++) {
    if (i < length && text[i] != ',') continue;
    if (!np_is_all_digits(text + start, i - start, 1, MAX_PREFIX)) return 0;
    if (++count > MAX_PREFIXES) return 0;
    start = i + 1;
  }
  return 1;
}

static int push_prefix_list(lua_State *L, const char *method, int index) {
  char joined[MAX_PREFIXES * (MAX_PREFIX + 1)];
  size_t used = 0;
  size_t items = lua_rawlen(L, index);
  np_check_list(L, method, "starts_with", index);
  if (items < 1 || items > MAX_PREFIXES) {
    lua_pushfstring(L, "starts_with: expected 1 to 10 prefixes, got %d", items > 1000000 ? 1000000 : (int)items);
    return 0;
  }
  for (size_t i = 1; i <= items; i++) {
    size_t length;
    const char *text;
    lua_rawgeti(L, index, (int)i);
    if (lua_type(L, -1) != LUA_TSTRING) return np_raise_type(L, method, "starts_with: prefix", "string", -1);
    text = lua_tolstring(L, -1, &length);
    if (!np_is_all_digits(text, length, 1, MAX_PREFIX)) {
      return np_invalid(L, "starts_with", "prefixes of 1 to 14 digits", -1);
    }
    if (used > 0) joined[used++] = ',';
    memcpy(joined + used, text, length);
    used += length;
    lua_pop(L, 1);
  }
  lua_pushlstring(L, joined, used);
  return 1;
}

static int push_prefixes(lua_State *L, const char *method, int index, np_form form) {
  if (lua_type(L, index) == LUA_TTABLE) {
    return push_prefix_list(L, method, index) ? write_top(L, form) : 0;
  }
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  if (!are_prefixes(text, length)) return np_invalid(L, "starts_with", "at most 10 prefixes of 1 to 14 digits", index);
  return write_string(L, text, form);
}

static int push_boolean(lua_State *L, int index) {
  lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
  return 1;
}

static const char *const search_types[] = {"fixed", "mobile", "tollfree", "local", "national", NULL};

static int is_one_of(const char *text, const char *const *words) {
  while (*words != NULL && strcmp(text, *words) != 0) words++;
  return *words != NULL;
}

/* Whether the text is some of the services with commas between them. */
static int are_services(const char *text) {
  static const char *const services[] = {"sms", "mms", "voice"};
  for (;;) {
    size_t length = strcspn(text, ",");
    int known = 0;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
      if (strlen(services[i]) == length && memcmp(text, services[i], length) == 0) known = 1;
    }
    if (!known) return 0;
    if (text[length] == '\0') return 1;
    text += length + 1;
  }
}

static int push_word(lua_State *L, const np_parameter *parameter, int index, np_form form) {
  size_t length;
  const char *name = parameter->name;
  const char *text = lua_tolstring(L, index, &length);
  switch (parameter->type) {
    case NP_SERVICE:
      if (strcmp(text, "sms") != 0 && strcmp(text, "mms") != 0) return np_invalid(L, name, "sms or mms", index);
      break;
    case NP_NUMBER_TYPE:
      if (strcmp(text, "tollfree") == 0) {
        text = "toll-free";
      } else if (strcmp(text, "fixed") != 0 && strcmp(text, "mobile") != 0 && strcmp(text, "toll-free") != 0) {
        return np_invalid(L, name, "fixed, mobile or toll-free", index);
      }
      break;
    case NP_SEARCH_TYPE:
      if (strcmp(text, "toll-free") == 0) {
        text = "tollfree";
      } else if (!is_one_of(text, search_types)) {
        return np_invalid(L, name, "fixed, mobile, tollfree, local or national", index);
      }
      break;
    case NP_SERVICES:
      if (!are_services(text)) return np_invalid(L, name, "sms, mms and voice with commas", index);
      break;
    case NP_APPLICATION:
      if (length == 0) break;
      if (np_is_word(text, length, "xml")) return write_string(L, "xml", form);
      if (np_is_word(text, length, "phlo")) return write_string(L, "phlo", form);
      return np_invalid(L, name, "xml or phlo", index);
    case NP_IDENTIFIER:
      if (length > 0 && !np_is_identifier(text, length)) {
        return np_invalid(L, name, "1 to 64 of [A-Za-z0-9_-]", index);
      }
      break;
    case NP_COUNTRY: {
      char country[3] = {0};
      if (length != 2 || !np_is_letter(text[0]) || !np_is_letter(text[1])) {
        return np_invalid(L, name, "two letters of ISO 3166-1", index);
      }
      country[0] = (char)(text[0] & ~0x20);
      country[1] = (char)(text[1] & ~0x20);
      return write_string(L, country, form);
    }
    default:
      if (length < 1 || length > MAX_TEXT || !np_is_utf8(text, length)) {
        return np_invalid(L, name, "1 to 4096 bytes of UTF-8", index);
      }
      lua_pushvalue(L, index);
      return write_top(L, form);
  }
  /* strcmp stops at a zero byte, and a Lua string may go on after one. */
  if (memchr(lua_tostring(L, index), '\0', length) != NULL) return np_invalid(L, name, "no NUL", index);
  return write_string(L, text, form);
}

int np_push_option(lua_State *L, const char *method, const np_parameter *parameter, int index, np_form form) {
  const char *name = parameter->name;
  index = lua_absindex(L, index);
  switch (parameter->type) {
    case NP_BOOLEAN: return push_boolean(L, index);
    case NP_LIMIT: return push_integer(L, name, "1 to 20", index, 1, 20);
    case NP_OFFSET: return push_integer(L, name, "0 to 2147483647", index, 0, 2147483647.0);
    case NP_PREFIXES: return push_prefixes(L, method, index, form);
    case NP_PRIORITY: return np_push_priority(L, method, index);
    default: return push_word(L, parameter, index, form);
  }
}
