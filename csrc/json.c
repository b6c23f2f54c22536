/* Reads JSON, strictly by RFC 8259 and the same on every Lua. Versions of lua-cjson differ: they take bare keys,
 * hexadecimal or a leading zero, read by the host's locale and settings, and make every number a double. This one takes
 * a third of their time for a page of the API, since the objects of a list have the same keys.
 *
 * Integers are Lua integers where Lua has them; one that this Lua can't hold exactly is a string of its digits. null is
 * an absent field. Of a key that comes twice the last value stands. An escape of half a surrogate pair is refused,
 * since no UTF-8 stands for it (section 8.2), and a byte order mark in front is skipped (8.1). */
#undef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* newlocale, uselocale */

#include "json.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ascii.h"
#include "utf8.h"

#define MAX_DEPTH 64   /* no answer of the API is nested deeper than 5 */
#define MAX_DIGITS 15  /* any integer of so many digits is exact in a double */
#define MAX_COLUMNS 12 /* of a list of objects; further ones are read without the help of the row before */
#define PAGE 20        /* entries of a full page */

/* A key or a text of the row before. Its Lua string is on the stack. */
typedef struct cell {
  const char *text;
  size_t length;
} cell;

/* The row before, of a list of objects: key and value of each column, on the stack from index base on. */
typedef struct columns {
  int base;
  int count; /* keys of the row before */
  cell cells[2 * MAX_COLUMNS];
} columns;

typedef struct reader {
  lua_State *L;
  const char *at;
  const char *end;
  const char *expected; /* what should have been there, once something is wrong */
  size_t left;          /* entries that may still come */
  int depth;
  int is_utf8; /* the rest of the text is known to be */
} reader;

static int read_value(reader *r, columns *row, int column);

static void skip_space(reader *r) {
  while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t') r->at++;
}

static int refuse(reader *r, const char *at, const char *expected) {
  r->at = at;
  r->expected = expected;
  return 0;
}

/* The four digits at text, or -1. */
static long read_hexadecimal(const char *text) {
  long value = 0;
  for (int i = 0; i < 4; i++) {
    char c = text[i];
    int is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!is_letter && !np_is_digit(c)) return -1;
    value = value * 16 + (is_letter ? (c | 0x20) - 'a' + 10 : c - '0');
  }
  return value;
}

/* Writes what the escape at text stands for. Returns the bytes that it takes, or 0. */
static size_t read_escape(const char *text, char *written, size_t *size) {
  static const char escapes[] = "\"\\/bfnrt";
  static const char meant[] = "\"\\/\b\f\n\r\t";
  const char *found = text[1] == '\0' ? NULL : strchr(escapes, text[1]);
  long unit, low;
  *size = 1;
  if (found != NULL) {
    *written = meant[found - escapes];
    return 2;
  }
  if (text[1] != 'u') return 0;
  unit = read_hexadecimal(text + 2);
  if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) return 0;
  if (unit < 0xd800 || unit > 0xdfff) {
    *size = np_write_utf8(written, (unsigned long)unit);
    return 6;
  }
  low = text[6] == '\\' && text[7] == 'u' ? read_hexadecimal(text + 8) : -1;
  if (low < 0xdc00 || low > 0xdfff) return 0;
  *size = np_write_utf8(written, 0x10000 + ((unsigned long)(unit - 0xd800) << 10) + (unsigned long)(low - 0xdc00));
  return 12;
}

/* The first byte from text on that can't stand in a string as it is: its end, a backslash or a control character. NULL
 * where what follows isn't UTF-8. */
static const char *skip_plain(reader *r, const char *text) {
  while ((signed char)*text >= 0x20 && *text != '"' && *text != '\\') text++;
  if ((signed char)*text >= 0) return text;
  if (!r->is_utf8) {
    if (!np_is_utf8(text, (size_t)(r->end - text))) return NULL;
    r->is_utf8 = 1;
  }
  while ((unsigned char)*text >= 0x20 && *text != '"' && *text != '\\') text++;
  return text;
}

/* Pushes the string that begins at text and has an escape at `end`. */
static int read_escaped_string(reader *r, const char *text, const char *end) {
  luaL_Buffer buffer;
  luaL_buffinit(r->L, &buffer);
  while (end != NULL && *end == '\\') {
    char written[4];
    size_t size;
    size_t taken = read_escape(end, written, &size);
    if (taken == 0) return refuse(r, end, "an escape of JSON");
    luaL_addlstring(&buffer, text, (size_t)(end - text));
    luaL_addlstring(&buffer, written, size);
    text = end + taken;
    end = skip_plain(r, text);
  }
  if (end == NULL) return refuse(r, text, "UTF-8");
  if (*end != '"') return refuse(r, end, "a character of a string");
  luaL_addlstring(&buffer, text, (size_t)(end - text));
  luaL_pushresult(&buffer);
  r->at = end + 1;
  return 1;
}

/* Pushes the string that begins at the reader's quote: the one of the row before, where it is the same. */
static int read_string(reader *r, columns *row, int index) {
  const char *text = r->at + 1;
  const char *end = text;
  size_t length;
  while ((signed char)*end >= 0x20 && *end != '"' && *end != '\\') end++;
  if (*end != '"') {
    end = skip_plain(r, end);
    if (end == NULL || *end != '"') return read_escaped_string(r, text, end);
  }
  length = (size_t)(end - text);
  r->at = end + 1;
  if (row == NULL || index >= 2 * MAX_COLUMNS) {
    lua_pushlstring(r->L, text, length);
    return 1;
  }
  cell *before = &row->cells[index];
  if (before->length == length && before->text != NULL && memcmp(before->text, text, length) == 0) {
    lua_pushvalue(r->L, row->base + index);
    return 1;
  }
  before->text = text;
  before->length = length;
  lua_pushlstring(r->L, text, length);
  lua_pushvalue(r->L, -1);
  lua_replace(r->L, row->base + index);
  return 1;
}

static void push_integer(lua_State *L, long long integer) {
#if NP_HAS_INTEGERS
  lua_pushinteger(L, (lua_Integer)integer);
#else
  lua_pushnumber(L, (lua_Number)integer); /* lua_Integer may be of 32 bits there */
#endif
}

static void push_long_integer(lua_State *L, const char *digits, size_t length) {
  long long integer;
  errno = 0;
  integer = strtoll(digits, NULL, 10);
  if (errno == 0 && (NP_HAS_INTEGERS || fabs((double)integer) < NP_MAX_EXACT)) {
    push_integer(L, integer);
  } else {
    lua_pushlstring(L, digits, length);
  }
}

/* Pushes the number at digits, as an integer where it is whole, and returns 1; 0 where there is no memory. strtod reads
 * the decimal point of the thread's locale, which is C's meanwhile. */
static int push_fraction(lua_State *L, const char *digits) {
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  locale_t host;
  double number;
  if (plain == (locale_t)0) return 0;
  host = uselocale(plain);
  number = strtod(digits, NULL);
  uselocale(host);
  freelocale(plain);
  if (floor(number) == number && fabs(number) < NP_MAX_EXACT) {
    push_integer(L, (long long)number);
  } else {
    lua_pushnumber(L, number);
  }
  return 1;
}

static const char *skip_digits(const char *text) {
  while (np_is_digit(*text)) text++;
  return text;
}

/* Pushes a number with a fraction, an exponent or many digits. */
static int read_long_number(reader *r, const char *digits) {
  const char *start = r->at;
  const char *end = skip_digits(digits);
  int is_fraction = 0;
  if (*digits == '0' && end - digits > 1) return refuse(r, digits, "no leading zero");
  if (*end == '.') {
    is_fraction = 1;
    digits = end + 1;
    end = skip_digits(digits);
    if (end == digits) return refuse(r, end, "a digit");
  }
  if (*end == 'e' || *end == 'E') {
    is_fraction = 1;
    digits = end + 1;
    if (*digits == '+' || *digits == '-') digits++;
    end = skip_digits(digits);
    if (end == digits) return refuse(r, end, "a digit");
  }
  if (!is_fraction) {
    push_long_integer(r->L, start, (size_t)(end - start));
  } else if (!push_fraction(r->L, start)) {
    return refuse(r, start, "memory for a number");
  }
  r->at = end;
  return 1;
}

static int read_number(reader *r) {
  const char *start = r->at;
  int is_negative = *start == '-';
  long long integer = 0;
  const char *digits = start + is_negative;
  const char *end = digits;
  while (np_is_digit(*end)) {
    integer = integer * 10 + (*end++ - '0');
    if (end - digits > MAX_DIGITS) return read_long_number(r, digits);
  }
  if (end == digits) return refuse(r, end, is_negative ? "a digit" : "a value");
  if (*end == '.' || *end == 'e' || *end == 'E') return read_long_number(r, digits);
  if (*digits == '0' && end - digits > 1) return refuse(r, digits, "no leading zero");
  r->at = end;
  push_integer(r->L, is_negative ? -integer : integer);
  return 1;
}

static int read_word(reader *r, const char *word, size_t length) {
  if (strncmp(r->at, word, length) != 0) return refuse(r, r->at, "a value");
  r->at += length;
  return 1;
}

/* After an entry: moves behind a comma and returns 1, behind the end and returns 2, or returns 0. */
static int read_separator(reader *r, char end) {
  int found;
  skip_space(r);
  if (*r->at != ',' && *r->at != end) return refuse(r, r->at, end == '}' ? "a comma or }" : "a comma or ]");
  found = *r->at == ',' ? 1 : 2;
  r->at++;
  skip_space(r);
  return found;
}

/* Pushes the object at the reader, a row of a list where `row` is given. */
static int read_object(reader *r, columns *row) {
  lua_State *L = r->L;
  int more = 1;
  int column = 0;
  lua_createtable(L, 0, row != NULL && row->count > 0 ? row->count : 8);
  r->at++;
  skip_space(r);
  if (*r->at == '}') {
    r->at++;
    return 1;
  }
  while (more == 1) {
    if (r->left-- == 0) return refuse(r, r->at, "fewer entries");
    if (*r->at != '"') return refuse(r, r->at, "a key in quotes");
    if (!read_string(r, row, 2 * column)) return 0;
    skip_space(r);
    if (*r->at != ':') return refuse(r, r->at, "a colon");
    r->at++;
    skip_space(r);
    if (!read_value(r, row, 2 * column + 1)) return 0;
    lua_rawset(L, -3); /* a null makes no field */
    column++;
    more = read_separator(r, '}');
  }
  if (row != NULL) row->count = column;
  return more;
}

/* Removes the nulls from the list at the top. They are light userdata while it is filled, to keep their places. */
static void clear_nulls(lua_State *L, int length) {
  for (int i = 1; i <= length; i++) {
    lua_rawgeti(L, -1, i);
    if (lua_islightuserdata(L, -1)) {
      lua_pushnil(L);
      lua_rawseti(L, -3, i);
    }
    lua_pop(L, 1);
  }
}

static int read_list(reader *r) {
  lua_State *L = r->L;
  columns rows;
  int index = 0;
  int more = 1;
  int has_nulls = 0;
  int list;
  r->at++;
  skip_space(r);
  lua_createtable(L, *r->at == '{' ? PAGE : 0, 0);
  list = lua_gettop(L);
  if (*r->at == ']') {
    r->at++;
    return 1;
  }
  memset(&rows, 0, sizeof rows);
  rows.base = list + 1;
  lua_settop(L, list + 2 * MAX_COLUMNS);
  while (more == 1) {
    if (r->left-- == 0) return refuse(r, r->at, "fewer entries");
    if (*r->at == '{' && r->depth < MAX_DEPTH) {
      r->depth++;
      if (!read_object(r, &rows)) return 0;
      r->depth--;
    } else if (!read_value(r, NULL, 0)) {
      return 0;
    } else if (lua_isnil(L, -1)) {
      has_nulls = 1;
      lua_pop(L, 1);
      lua_pushlightuserdata(L, NULL);
    }
    lua_rawseti(L, list, ++index);
    more = read_separator(r, ']');
  }
  lua_settop(L, list);
  if (has_nulls) clear_nulls(L, index);
  return more;
}

static int read_nested(reader *r) {
  int is_read;
  if (r->depth >= MAX_DEPTH) return refuse(r, r->at, "less deep nesting");
  if (!lua_checkstack(r->L, 2 * MAX_COLUMNS + LUA_MINSTACK)) return refuse(r, r->at, "room on Lua's stack");
  r->depth++;
  is_read = *r->at == '{' ? read_object(r, NULL) : read_list(r);
  r->depth--;
  return is_read;
}

/* Pushes the value at the reader. */
static int read_value(reader *r, columns *row, int column) {
  switch (*r->at) {
    case '"': return read_string(r, row, column);
    case '{':
    case '[': return read_nested(r);
    case 't': lua_pushboolean(r->L, 1); return read_word(r, "true", 4);
    case 'f': lua_pushboolean(r->L, 0); return read_word(r, "false", 5);
    case 'n': lua_pushnil(r->L); return read_word(r, "null", 4);
    default: return read_number(r);
  }
}

static void push_reason(reader *r, const char *text) {
  if (r->at >= r->end) {
    lua_pushfstring(r->L, "expected %s, got the end of the text", r->expected);
  } else {
    lua_pushfstring(r->L, "expected %s at byte %d", r->expected, (int)(r->at - text) + 1);
  }
}

int np_decode_json(lua_State *L, const char *text, size_t length, size_t most) {
  int top = lua_gettop(L);
  reader r = {L, text, text + length, NULL, most > 0 ? most : SIZE_MAX, 0, 0};
  if (strncmp(text, "\xef\xbb\xbf", 3) == 0) r.at += 3;
  skip_space(&r);
  if (read_value(&r, NULL, 0)) {
    skip_space(&r);
    if (r.at == r.end) return 1;
    refuse(&r, r.at, "the end");
  }
  lua_settop(L, top);
  push_reason(&r, text);
  return 0;
}
