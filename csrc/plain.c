/* The fast way through plain JSON: objects, lists, strings without escapes, integers that any Lua holds exactly, true,
 * false and null. That is what the API answers nearly always, and a page of it is read here three times as fast as by
 * lua-cjson, which can't tell how large a table will be nor that the objects of a list have the same keys. Whatever
 * is not plain, wrong JSON included, is left to lua-cjson; so there is one judge of what JSON is. */
#include "plain.h"

#include <string.h>

#define MAX_DEPTH 8
#define MAX_DIGITS 15  /* any integer of so many digits is exact in a double */
#define MAX_COLUMNS 12 /* of a list of objects; further ones are read without the help of the row before */
#define PAGE 20        /* entries of a full page */

/* A text of the row before, whose Lua string is on the stack. */
typedef struct cell {
  const char *text;
  size_t length;
} cell;

/* What is known of the rows of a list: key and value of each column, from stack index base on. */
typedef struct columns {
  int base;
  int count; /* keys of the row before */
  cell cells[2 * MAX_COLUMNS];
} columns;

typedef struct reader {
  lua_State *L;
  const char *at;
  int depth;
} reader;

static int read_value(reader *r, columns *row, int column);

static void skip_space(reader *r) {
  while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t') r->at++;
}

/* Pushes the string that begins at the reader's quote. */
static int read_string(reader *r, columns *row, int index) {
  const char *text = r->at + 1;
  const char *end = text;
  size_t length;
  while ((unsigned char)*end >= 0x20 && *end != '"' && *end != '\\') end++;
  if (*end != '"') return 0;
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

static int read_integer(reader *r) {
  const char *start = r->at;
  int is_negative = *start == '-';
  long long integer = 0;
  const char *digits = start + is_negative;
  const char *end = digits;
  while (*end >= '0' && *end <= '9') {
    integer = integer * 10 + (*end++ - '0');
    if (end - digits > MAX_DIGITS) return 0;
  }
  if (end == digits || (*digits == '0' && end - digits > 1)) return 0;
  r->at = end;
  lua_pushinteger(r->L, (lua_Integer)(is_negative ? -integer : integer));
  return 1;
}

static int read_word(reader *r, const char *word, size_t length) {
  if (strncmp(r->at, word, length) != 0) return 0;
  r->at += length;
  return 1;
}

/* After an entry: 1 and past the comma if another one follows, 2 and past the end, or 0. */
static int read_separator(reader *r, char end) {
  int found;
  skip_space(r);
  if (*r->at != ',' && *r->at != end) return 0;
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
    if (*r->at != '"' || !read_string(r, row, 2 * column)) return 0;
    skip_space(r);
    if (*r->at++ != ':') return 0;
    skip_space(r);
    if (!read_value(r, row, 2 * column + 1)) return 0;
    lua_rawset(L, -3); /* a null makes no field */
    column++;
    more = read_separator(r, '}');
  }
  if (row != NULL) row->count = column;
  return more;
}

static int read_list(reader *r) {
  lua_State *L = r->L;
  columns rows;
  int index = 0;
  int more = 1;
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
    if (*r->at == 'n') return 0; /* a null would make a hole */
    if (*r->at == '{' && r->depth < MAX_DEPTH) {
      r->depth++;
      if (!read_object(r, &rows)) return 0;
      r->depth--;
    } else if (!read_value(r, NULL, 0)) {
      return 0;
    }
    lua_rawseti(L, list, ++index);
    more = read_separator(r, ']');
  }
  lua_settop(L, list);
  return more;
}

static int read_nested(reader *r) {
  int is_read;
  if (r->depth >= MAX_DEPTH) return 0;
  r->depth++;
  luaL_checkstack(r->L, 2 * MAX_COLUMNS + 8, "numberpool JSON");
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
    default: return read_integer(r);
  }
}

int np_decode_plain(lua_State *L, const char *text, size_t length) {
  int top = lua_gettop(L);
  reader r = {L, text, 0};
  skip_space(&r);
  if ((*r.at == '{' || *r.at == '[') && read_nested(&r)) {
    skip_space(&r);
    if (r.at == text + length) return 1;
  }
  lua_settop(L, top);
  return 0;
}
