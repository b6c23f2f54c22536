/* The options of the operation table: each is checked, then written as it goes into a query or a JSON body. */
#include <math.h>
#include <string.h>

#include "arguments.h"
#include "text.h"

#define MAX_TEXT 4096
#define MAX_PREFIXES 10
#define MAX_PREFIX 14

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
    if (np_is_digit(c) || np_is_letter(c) || strchr("-._~,", c) != NULL) {
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

static int check_integer(lua_State *L, const char *name, const char *expected, int index, lua_Number least,
                         lua_Number most) {
  lua_Number number = lua_tonumber(L, index);
  if (!(number >= least && number <= most) || floor(number) != number) return np_invalid(L, name, expected, index);
  lua_pushfstring(L, "%d", (int)number);
  return 1;
}

/* Appends the prefixes of one string to those counted so far; 0 where one isn't 1 to 14 digits. */
static int check_prefixes_of(const char *text, size_t length, int *count) {
  size_t start = 0;
  for (size_t i = 0; i <= length; i++) {
    if (i < length && text[i] != ',') continue;
    if (!np_all_digits(text + start, i - start, 1, MAX_PREFIX)) return 0;
    (*count)++;
    if (*count > MAX_PREFIXES) return 0;
    start = i + 1;
  }
  return 1;
}

/* Raises for a table that has keys besides those of a list: what stands there would be left out. */
static void check_list(lua_State *L, const char *operation, const char *name, int index) {
  lua_Number last = (lua_Number)lua_rawlen(L, index);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_Number key = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
    lua_pop(L, 1);
    if (!(key >= 1 && key <= last) || floor(key) != key) {
      np_push_shown(L, -1);
      np_raise(L, "%s: %s: list expected, got a table with the key %s", operation, name, lua_tostring(L, -1));
    }
  }
}

static const char prefixes_expected[] = "at most 10 prefixes of 1 to 14 digits";

static int check_prefix_list(lua_State *L, const char *operation, int index) {
  luaL_Buffer buffer;
  char joined[MAX_PREFIXES * (MAX_PREFIX + 1)];
  size_t used = 0;
  size_t items = lua_rawlen(L, index);
  check_list(L, operation, "starts_with", index);
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
    if (!np_all_digits(text, length, 1, MAX_PREFIX)) {
      return np_invalid(L, "starts_with", "prefixes of 1 to 14 digits", -1);
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
  size_t length;
  int count = 0;
  const char *text = lua_tolstring(L, index, &length);
  if (!check_prefixes_of(text, length, &count)) return np_invalid(L, "starts_with", prefixes_expected, index);
  return write_string(L, text, form);
}

/* Whether the string at the top, a part of number_priority, is a word: 1, or 0 and the message in its place. */
static int check_priority_word(lua_State *L, const char *operation, const char *name) {
  size_t length;
  const char *text;
  if (lua_type(L, -1) != LUA_TSTRING) return np_raise_type(L, operation, name, "string", -1);
  text = lua_tolstring(L, -1, &length);
  if (!np_is_identifier(text, length)) return np_invalid(L, name, "1 to 64 of [A-Za-z0-9_-]", -1);
  lua_pop(L, 1);
  return 1;
}

/* Pushes a plain copy of the field `priority`, a table of words by words, at index. */
static int copy_priorities(lua_State *L, const char *operation, int index) {
  if (!lua_istable(L, index)) return np_raise_type(L, operation, "number_priority: priority", "table", index);
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pushvalue(L, -1);
    if (!check_priority_word(L, operation, "number_priority: priority")) return 0;
    lua_pushvalue(L, -2);
    if (!check_priority_word(L, operation, "number_priority: priority's name")) return 0;
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  return 1;
}

/* Copies the word in the field of the entry into the table at the top. */
static int copy_word(lua_State *L, const char *operation, int entry, const char *field, const char *name) {
  np_get_raw(L, entry, field);
  lua_pushvalue(L, -1);
  if (!check_priority_word(L, operation, name)) return 0;
  lua_setfield(L, -2, field);
  return 1;
}

/* Pushes a plain copy of an entry of number_priority: { country_iso, service_type, priority = { priority1, … } }, all
 * strings. An encoder follows metatables of its own. */
static int copy_priority_entry(lua_State *L, const char *operation, int entry) {
  if (!lua_istable(L, entry)) return np_raise_type(L, operation, "number_priority: entry", "table", entry);
  lua_pushnil(L);
  while (lua_next(L, entry)) {
    lua_pop(L, 1);
    const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (strcmp(key, "country_iso") != 0 && strcmp(key, "service_type") != 0 && strcmp(key, "priority") != 0) {
      np_push_shown(L, -1);
      return np_raise(L, "%s: number_priority: unknown field %s, expected country_iso, service_type, priority",
                      operation, lua_tostring(L, -1));
    }
  }
  lua_createtable(L, 0, 3);
  if (!copy_word(L, operation, entry, "country_iso", "number_priority: country_iso")) return 0;
  if (!copy_word(L, operation, entry, "service_type", "number_priority: service_type")) return 0;
  np_get_raw(L, entry, "priority");
  if (!copy_priorities(L, operation, lua_gettop(L))) return 0;
  lua_setfield(L, -3, "priority");
  lua_pop(L, 1);
  return 1;
}

/* Written entry by entry: an empty list must be [], which lua-cjson can't say. */
static int write_priority(lua_State *L, const char *operation, int index) {
  int entries = (int)lua_rawlen(L, index);
  check_list(L, operation, "number_priority", index);
  lua_pushliteral(L, "[");
  for (int i = 1; i <= entries; i++) {
    if (i > 1) {
      lua_pushliteral(L, ",");
      lua_concat(L, 2);
    }
    lua_rawgeti(L, index, i);
    if (!copy_priority_entry(L, operation, lua_gettop(L))) return 0;
    push_json(L, -1);
    lua_replace(L, -3);
    lua_pop(L, 1);
    lua_concat(L, 2);
  }
  lua_pushliteral(L, "]");
  lua_concat(L, 2);
  return 1;
}

static int write_boolean(lua_State *L, int index) {
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
  /* strcmp stops at a NUL, which lies within the Lua string's length if there is one */
  if (memchr(lua_tostring(L, index), '\0', length) != NULL) return np_invalid(L, name, "no NUL", index);
  return write_string(L, text, form);
}

int np_check_option(lua_State *L, const np_operation *operation, const np_parameter *parameter, int index,
                    np_form form) {
  const char *name = parameter->name;
  index = lua_absindex(L, index);
  switch (parameter->type) {
    case NP_BOOLEAN: return write_boolean(L, index);
    case NP_LIMIT: return check_integer(L, name, "1 to 20", index, 1, 20);
    case NP_OFFSET: return check_integer(L, name, "0 to 2147483647", index, 0, 2147483647.0);
    case NP_PREFIXES: return check_prefixes(L, operation->name, index, form);
    case NP_PRIORITY: return write_priority(L, operation->name, index);
    default: return check_word(L, parameter, index, form);
  }
}
