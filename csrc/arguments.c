/* Checks of arguments: numbers, shortcodes, uuids and every option of the operation table. */
#include "arguments.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#define MAX_SHOWN 60
#define MAX_TEXT 4096
#define MAX_PREFIXES 10
#define MAX_PREFIX 14
#define MAX_RETRIES 100
#define MAX_TIMEOUT 2147483.0 /* seconds: in milliseconds it must fit a 32-bit long */
#define MAX_EXACT 9007199254740992.0

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

static void show_string(lua_State *L, const char *text, size_t length) {
  static const char hexadecimal[] = "0123456789abcdef";
  char shown[MAX_SHOWN * 4 + 6];
  size_t used = 0;
  size_t kept = length < MAX_SHOWN ? length : MAX_SHOWN;
  shown[used++] = '"';
  for (size_t i = 0; i < kept; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') {
      shown[used++] = '\\';
      shown[used++] = (char)c;
    } else if (c >= 0x20 && c < 0x7f) {
      shown[used++] = (char)c;
    } else {
      shown[used++] = '\\';
      shown[used++] = 'x';
      shown[used++] = hexadecimal[c >> 4];
      shown[used++] = hexadecimal[c & 15];
    }
  }
  shown[used++] = '"';
  lua_pushlstring(L, shown, used);
  if (kept < length) {
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

static int invalid(lua_State *L, const char *name, const char *expected, int index) {
  np_push_shown(L, index);
  lua_pushfstring(L, "%s: expected %s, got %s", name, expected, lua_tostring(L, -1));
  lua_remove(L, -2);
  return 0;
}

/* isdigit and friends follow the locale; the wire doesn't. */
static int is_digit(char c) { return c >= '0' && c <= '9'; }

static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

int np_is_identifier(const char *text, size_t length) {
  if (length < 1 || length > NP_MAX_UUID) return 0;
  for (size_t i = 0; i < length; i++) {
    if (!is_digit(text[i]) && !is_letter(text[i]) && text[i] != '_' && text[i] != '-') return 0;
  }
  return 1;
}

static int all_digits(const char *text, size_t length, size_t least, size_t most) {
  if (length < least || length > most) return 0;
  for (size_t i = 0; i < length; i++) {
    if (!is_digit(text[i])) return 0;
  }
  return 1;
}

/* The digits of an international number as people write it, after its plus sign. A group "(0)" is the
 * trunk prefix that is dialled at home only: neither keeping nor dropping it is known to be meant. */
static size_t digits_after_plus(const char *text, size_t length, char out[NP_MAX_DIGITS + 1]) {
  size_t used = 0;
  size_t group = 0; /* where the open parenthesis' digits begin, plus 1; 0 outside */
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (is_digit(c)) {
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

static int check_number(lua_State *L, const char *operation, int index, char out[NP_MAX_DIGITS + 1]) {
  size_t used = 0;
  if (lua_type(L, index) == LUA_TNUMBER) {
    used = digits_of_number(L, index, out, NP_MAX_DIGITS);
  } else if (lua_type(L, index) == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    if (length > 0 && text[0] == '+') {
      used = digits_after_plus(text + 1, length - 1, out);
    } else if (all_digits(text, length, 1, NP_MAX_DIGITS)) {
      used = length;
      memcpy(out, text, length);
    }
  } else {
    return np_raise_type(L, operation, "number", "string or number", index);
  }
  out[used] = '\0';
  if (used < 2 || out[0] == '0') {
    return invalid(L, "number", "2 to 15 digits with the country code, punctuation only after a +", index);
  }
  return 1;
}

static int check_shortcode(lua_State *L, const char *operation, int index, char out[NP_MAX_DIGITS + 1]) {
  size_t used = 0;
  if (lua_type(L, index) == LUA_TNUMBER) {
    used = digits_of_number(L, index, out, 8);
  } else if (lua_type(L, index) == LUA_TSTRING) {
    const char *text = lua_tolstring(L, index, &used);
    if (all_digits(text, used, 3, 8)) {
      memcpy(out, text, used);
    } else {
      used = 0;
    }
  } else {
    return np_raise_type(L, operation, "shortcode", "string or number", index);
  }
  out[used] = '\0';
  return used >= 3 ? 1 : invalid(L, "shortcode", "3 to 8 digits", index);
}

static int check_uuid(lua_State *L, const char *operation, int index, char out[NP_MAX_UUID + 1]) {
  size_t length;
  const char *text;
  if (lua_type(L, index) != LUA_TSTRING) return np_raise_type(L, operation, "uuid", "string", index);
  text = lua_tolstring(L, index, &length);
  if (!np_is_identifier(text, length)) return invalid(L, "uuid", "1 to 64 of [A-Za-z0-9_-]", index);
  memcpy(out, text, length + 1);
  return 1;
}

int np_check_target(lua_State *L, const np_operation *operation, int index, char out[NP_MAX_UUID + 1]) {
  out[0] = '\0';
  switch (operation->target) {
    case NP_NUMBER: return check_number(L, operation->name, index, out);
    case NP_SHORTCODE: return check_shortcode(L, operation->name, index, out);
    case NP_UUID: return check_uuid(L, operation->name, index, out);
    case NP_NO_TARGET: break;
  }
  return 1;
}

/* Whether text is UTF-8 without overlong forms, surrogates or anything beyond U+10FFFF: RFC 3629, section 4. */
static int is_utf8(const unsigned char *text, size_t length) {
  size_t i = 0;
  while (i < length) {
    unsigned char c = text[i++];
    unsigned char low = 0x80, high = 0xbf;
    int more = 0;
    if (c < 0x80) continue;
    if (c >= 0xc2 && c <= 0xdf) {
      more = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
      more = 2;
      if (c == 0xe0) low = 0xa0;
      if (c == 0xed) high = 0x9f;
    } else if (c >= 0xf0 && c <= 0xf4) {
      more = 3;
      if (c == 0xf0) low = 0x90;
      if (c == 0xf4) high = 0x8f;
    } else {
      return 0;
    }
    for (; more > 0; more--) {
      if (i >= length || text[i] < low || text[i] > high) return 0;
      low = 0x80;
      high = 0xbf;
      i++;
    }
  }
  return 1;
}

/* JSON through lua-cjson: the encoder is upvalue 2 of every function that builds a request. */
static void push_json(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
}

/* RFC 3986, section 2.1: everything but unreserved characters is escaped, the comma of lists excepted. */
static void push_escaped(lua_State *L, const char *text, size_t length) {
  static const char hexadecimal[] = "0123456789ABCDEF";
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (is_digit(c) || is_letter(c) || strchr("-._~,", c) != NULL) {
      if (c != '\0') {
        luaL_addchar(&buffer, c);
        continue;
      }
    }
    luaL_addchar(&buffer, '%');
    luaL_addchar(&buffer, hexadecimal[(unsigned char)c >> 4]);
    luaL_addchar(&buffer, hexadecimal[(unsigned char)c & 15]);
  }
  luaL_pushresult(&buffer);
}

/* Replaces the string at the top by what goes on the wire. */
static int write_top(lua_State *L, np_form form) {
  if (form == NP_IN_BODY) {
    push_json(L, -1);
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

static int check_integer(lua_State *L, const char *operation, const char *name, const char *expected, int index,
                         lua_Number least, lua_Number most) {
  lua_Number number;
  if (lua_type(L, index) != LUA_TNUMBER) return np_raise_type(L, operation, name, "integer", index);
  number = lua_tonumber(L, index);
  if (!(number >= least && number <= most) || floor(number) != number) return invalid(L, name, expected, index);
  lua_pushfstring(L, "%d", (int)number);
  return 1;
}

/* Appends the prefixes of one string to those counted so far; 0 where one isn't 1 to 14 digits. */
static int check_prefixes_of(const char *text, size_t length, int *count) {
  size_t start = 0;
  for (size_t i = 0; i <= length; i++) {
    if (i < length && text[i] != ',') continue;
    if (!all_digits(text + start, i - start, 1, MAX_PREFIX)) return 0;
    (*count)++;
    if (*count > MAX_PREFIXES) return 0;
    start = i + 1;
  }
  return 1;
}

static const char prefixes_expected[] = "at most 10 prefixes of 1 to 14 digits";

static int check_prefix_list(lua_State *L, const char *operation, int index) {
  luaL_Buffer buffer;
  char joined[MAX_PREFIXES * (MAX_PREFIX + 1)];
  size_t used = 0;
  size_t items = lua_rawlen(L, index);
  if (items < 1 || items > MAX_PREFIXES) {
    lua_pushfstring(L, "starts_with: expected 1 to 10 prefixes, got %d", items > 1000000 ? 1000000 : (int)items);
    return 0;
  }
  for (size_t i = 1; i <= items; i++) {
    size_t length;
    const char *text;
    lua_rawgeti(L, index, (int)i);
    if (lua_type(L, -1) != LUA_TSTRING) return np_raise_type(L, operation, "starts_with: prefix", "string", -1);
    text = lua_tolstring(L, -1, &length);
    if (!all_digits(text, length, 1, MAX_PREFIX)) {
      return invalid(L, "starts_with", "prefixes of 1 to 14 digits", -1);
    }
    if (used > 0) joined[used++] = ',';
    memcpy(joined + used, text, length);
    used += length;
    lua_pop(L, 1);
  }
  luaL_buffinit(L, &buffer);
  luaL_addlstring(&buffer, joined, used);
  luaL_pushresult(&buffer);
  return 1;
}

static int check_prefixes(lua_State *L, const char *operation, int index, np_form form) {
  if (lua_type(L, index) == LUA_TTABLE) {
    return check_prefix_list(L, operation, index) ? write_top(L, form) : 0;
  }
  if (lua_type(L, index) != LUA_TSTRING) return np_raise_type(L, operation, "starts_with", "string or list", index);
  size_t length;
  int count = 0;
  const char *text = lua_tolstring(L, index, &length);
  if (!check_prefixes_of(text, length, &count)) return invalid(L, "starts_with", prefixes_expected, index);
  return write_string(L, text, form);
}

/* Whether the string at the top, a part of number_priority, is a word: 1, or 0 and the message in its place. */
static int check_priority_word(lua_State *L, const char *operation, const char *name) {
  size_t length;
  const char *text;
  if (lua_type(L, -1) != LUA_TSTRING) return np_raise_type(L, operation, name, "string", -1);
  text = lua_tolstring(L, -1, &length);
  if (!np_is_identifier(text, length)) return invalid(L, name, "1 to 64 of [A-Za-z0-9_-]", -1);
  lua_pop(L, 1);
  return 1;
}

static int check_priorities(lua_State *L, const char *operation, int index) {
  if (!lua_istable(L, index)) return np_raise_type(L, operation, "number_priority: priority", "table", index);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    if (!check_priority_word(L, operation, "number_priority: priority")) return 0;
    lua_pushvalue(L, -1);
    if (!check_priority_word(L, operation, "number_priority: priority's name")) return 0;
  }
  return 1;
}

/* One entry of number_priority: { country_iso, service_type, priority = { priority1, … } }, all strings. */
static int check_priority_entry(lua_State *L, const char *operation, int entry) {
  if (!lua_istable(L, entry)) return np_raise_type(L, operation, "number_priority: entry", "table", entry);
  lua_getfield(L, entry, "country_iso");
  if (!check_priority_word(L, operation, "number_priority: country_iso")) return 0;
  lua_getfield(L, entry, "service_type");
  if (!check_priority_word(L, operation, "number_priority: service_type")) return 0;
  lua_getfield(L, entry, "priority");
  if (!check_priorities(L, operation, lua_gettop(L))) return 0;
  lua_pop(L, 1);
  lua_pushnil(L);
  while (lua_next(L, entry)) {
    lua_pop(L, 1);
    const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (strcmp(key, "country_iso") != 0 && strcmp(key, "service_type") != 0 && strcmp(key, "priority") != 0) {
      np_push_shown(L, -1);
      return np_raise(L, "%s: number_priority: unknown field %s", operation, lua_tostring(L, -1));
    }
  }
  return 1;
}

/* Written entry by entry: an empty list must be [], which lua-cjson can't say. */
static int write_priority(lua_State *L, const char *operation, int index) {
  if (!lua_istable(L, index)) return np_raise_type(L, operation, "number_priority", "list", index);
  int entries = (int)lua_rawlen(L, index);
  lua_pushliteral(L, "[");
  for (int i = 1; i <= entries; i++) {
    if (i > 1) {
      lua_pushliteral(L, ",");
      lua_concat(L, 2);
    }
    lua_rawgeti(L, index, i);
    if (!check_priority_entry(L, operation, lua_gettop(L))) return 0;
    push_json(L, -1);
    lua_remove(L, -2);
    lua_concat(L, 2);
  }
  lua_pushliteral(L, "]");
  lua_concat(L, 2);
  return 1;
}

static int check_boolean(lua_State *L, const char *operation, const char *name, int index) {
  if (!lua_isboolean(L, index)) return np_raise_type(L, operation, name, "boolean", index);
  lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
  return 1;
}

static const char *const search_types[] = {"fixed", "mobile", "tollfree", "local", "national", NULL};

static int is_one_of(const char *text, const char *const *words) {
  while (*words != NULL && strcmp(text, *words) != 0) words++;
  return *words != NULL;
}

/* Words with commas between them. */
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

static int check_word(lua_State *L, const np_parameter *parameter, int index, np_form form) {
  size_t length;
  const char *name = parameter->name;
  const char *text = lua_tolstring(L, index, &length);
  switch (parameter->type) {
    case NP_SERVICE:
      if (strcmp(text, "sms") != 0 && strcmp(text, "mms") != 0) return invalid(L, name, "sms or mms", index);
      break;
    case NP_NUMBER_TYPE:
      if (strcmp(text, "tollfree") == 0) {
        text = "toll-free";
      } else if (strcmp(text, "fixed") != 0 && strcmp(text, "mobile") != 0 && strcmp(text, "toll-free") != 0) {
        return invalid(L, name, "fixed, mobile or toll-free", index);
      }
      break;
    case NP_SEARCH_TYPE:
      if (strcmp(text, "toll-free") == 0) {
        text = "tollfree";
      } else if (!is_one_of(text, search_types)) {
        return invalid(L, name, "fixed, mobile, tollfree, local or national", index);
      }
      break;
    case NP_SERVICES:
      if (!are_services(text)) return invalid(L, name, "sms, mms and voice with commas", index);
      break;
    case NP_APPLICATION:
      if (length > 0 && strcmp(text, "xml") != 0 && strcmp(text, "phlo") != 0) {
        return invalid(L, name, "xml or phlo", index);
      }
      break;
    case NP_IDENTIFIER:
      if (length > 0 && !np_is_identifier(text, length)) {
        return invalid(L, name, "1 to 64 of [A-Za-z0-9_-]", index);
      }
      break;
    case NP_COUNTRY: {
      char country[3] = {0};
      if (length != 2 || !is_letter(text[0]) || !is_letter(text[1])) {
        return invalid(L, name, "two letters of ISO 3166-1", index);
      }
      country[0] = (char)(text[0] & ~0x20);
      country[1] = (char)(text[1] & ~0x20);
      return write_string(L, country, form);
    }
    default:
      if (length < 1 || length > MAX_TEXT || !is_utf8((const unsigned char *)text, length)) {
        return invalid(L, name, "1 to 4096 bytes of UTF-8", index);
      }
      lua_pushvalue(L, index);
      return write_top(L, form);
  }
  /* strcmp stops at a NUL, which lies within the Lua string's length if there is one */
  if (memchr(lua_tostring(L, index), '\0', length) != NULL) return invalid(L, name, "no NUL", index);
  return write_string(L, text, form);
}

int np_check_option(lua_State *L, const np_operation *operation, const np_parameter *parameter, int index,
                    np_form form) {
  const char *name = parameter->name;
  index = lua_absindex(L, index);
  switch (parameter->type) {
    case NP_BOOLEAN: return check_boolean(L, operation->name, name, index);
    case NP_LIMIT: return check_integer(L, operation->name, name, "1 to 20", index, 1, 20);
    case NP_OFFSET: return check_integer(L, operation->name, name, "0 to 2147483647", index, 0, 2147483647.0);
    case NP_PREFIXES: return check_prefixes(L, operation->name, index, form);
    case NP_PRIORITY: return write_priority(L, operation->name, index);
    default: break;
  }
  if (lua_type(L, index) != LUA_TSTRING) return np_raise_type(L, operation->name, name, "string", index);
  return check_word(L, parameter, index, form);
}

int np_check_timeout(lua_State *L, const char *operation, int index) {
  lua_Number seconds;
  if (lua_type(L, index) != LUA_TNUMBER) return np_raise_type(L, operation, "timeout", "number", index);
  seconds = lua_tonumber(L, index);
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT)) {
    return invalid(L, "timeout", "more than 0 and at most 2147483 seconds", index);
  }
  lua_pushnumber(L, seconds);
  return 1;
}

int np_check_retries(lua_State *L, const char *operation, int index) {
  lua_Number retries;
  if (lua_type(L, index) != LUA_TNUMBER) return np_raise_type(L, operation, "retries", "integer", index);
  retries = lua_tonumber(L, index);
  if (!(retries >= 0 && retries <= MAX_RETRIES) || floor(retries) != retries) {
    return invalid(L, "retries", "0 to 100", index);
  }
  lua_pushinteger(L, (lua_Integer)retries);
  return 1;
}

static int is_known(const np_operation *operation, const char *name) {
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    if (strcmp(p->name, name) == 0) return 1;
  }
  return strcmp(name, "retries") == 0 || strcmp(name, "timeout") == 0;
}

static int raise_unknown(lua_State *L, const np_operation *operation, int index) {
  np_push_shown(L, index);
  lua_pushliteral(L, "");
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    lua_pushfstring(L, "%s, ", p->name);
    lua_concat(L, 2);
  }
  return np_raise(L, "%s: unknown option %s, expected one of %sretries, timeout", operation->name,
                  lua_tostring(L, -2), lua_tostring(L, -1));
}

void np_check_option_names(lua_State *L, const np_operation *operation, int index) {
  if (lua_isnoneornil(L, index)) return;
  if (!lua_istable(L, index)) np_raise_type(L, operation->name, "options", "table", index);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING || !is_known(operation, lua_tostring(L, -1))) {
      raise_unknown(L, operation, lua_gettop(L));
    }
  }
}
