/* Makes a text from elsewhere, as a server's or libcurl's, a part of our messages: without secrets, in one printable
 * line.
 *
 * A secret is found as it is, and behind up to three escapes around each other (%253D). Invisible characters are
 * skipped, since a secret can be read in spite of them. Only as much of a text is searched as can be shown, and a
 * little more for a secret that begins there: a long text takes no longer than that. */
#include "redact.h"

#include <string.h>

#include "escape.h"
#include "utf8.h"

#define MAX_LINE 500
#define SHORTEST_SECRET 4 /* a shorter one is found in any sentence */
#define TELLING 8         /* so many of a secret's first characters, where the text ends, are taken for it */
#define BEYOND 4096       /* bytes that are searched after those that are shown */
#define MAX_ESCAPES 3     /* around each other */
#define ALL_ESCAPES (NP_ESCAPED_JSON | NP_ESCAPED_PERCENT | NP_ESCAPED_HTML)

/* A secret, folded as the layers of a text are. */
typedef struct secret {
  size_t length;
  char *bytes;
  unsigned *borders; /* for each beginning of it, the length of the longest shorter one that it ends with */
} secret;

/* The secrets' bytes and numbers follow in the same block. */
typedef struct secrets {
  size_t count;
  secret list[];
} secrets;

/* The text with its escapes replaced and without invisible characters. Each byte of a layer stands for the text's bytes
 * from `from` up to `to`. */
typedef struct layer {
  size_t length;
  char *bytes;
  unsigned *from;
  unsigned *to;
} layer;

typedef struct search {
  const secrets *all;
  size_t length; /* of the text */
  int is_cut;    /* the text goes on */
  char *hidden;  /* of each byte of the text: whether it is a secret's */
  layer layers[MAX_ESCAPES + 1];
} search;

/* A line's end, or another control character: Unicode's categories Cc, Zl and Zp. */
static int is_control(unsigned long c) { return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029; }

/* What takes no room or turns the direction of writing: Unicode's Default_Ignorable_Code_Point, and what isn't a
 * character. */
static int is_invisible(unsigned long c) {
  static const struct {
    unsigned long first, last;
  } ranges[] = {{0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},    {0x115f, 0x1160}, {0x17b4, 0x17b5},
                {0x180b, 0x180f},   {0x200b, 0x200f},   {0x202a, 0x202e},  {0x2060, 0x206f}, {0x3164, 0x3164},
                {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},  {0xfff0, 0xfffb}, {0xfffe, 0xffff},
                {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
  if (c < 0xad) return 0;
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    if (c <= ranges[i].last) return c >= ranges[i].first;
  }
  return 0;
}

/* Returns how many bytes the character at text takes. U+FFFD, which stands for bytes that weren't UTF-8, isn't visible.
 */
static size_t next_character(const char *text, size_t length, int *is_visible) {
  unsigned long character;
  size_t size = np_read_utf8(text, length, &character);
  *is_visible = size > 0 && character != 0xfffd && !is_control(character) && !is_invisible(character);
  return size > 0 ? size : 1;
}

/* Removes what isn't visible, and makes each plus a space, which it stands for in forms. */
static void fold_layer(layer *it) {
  size_t kept = 0;
  size_t i = 0;
  while (i < it->length) {
    int is_visible;
    size_t next = i + next_character(it->bytes + i, it->length - i, &is_visible);
    for (; i < next; i++) {
      if (!is_visible) continue;
      it->bytes[kept] = (char)(it->bytes[i] == '+' ? ' ' : it->bytes[i]);
      it->from[kept] = it->from[i];
      it->to[kept++] = it->to[i];
    }
  }
  it->length = kept;
}

/* Makes the layer in which the escapes of these sorts are replaced. Returns whether there are any. */
static int replace_escapes(const layer *outer, int sorts, layer *inner) {
  int found = 0;
  size_t i = 0;
  inner->length = 0;
  while (i < outer->length) {
    char written[4];
    size_t size = 1;
    size_t taken = np_read_escape(outer->bytes + i, outer->length - i, sorts, written, &size);
    if (taken == 0) {
      written[0] = outer->bytes[i];
      taken = 1;
    } else {
      found = 1;
    }
    for (size_t k = 0; k < size; k++) {
      inner->bytes[inner->length] = written[k];
      inner->from[inner->length] = outer->from[i];
      inner->to[inner->length++] = outer->to[i + taken - 1];
    }
    i += taken;
  }
  if (found) fold_layer(inner);
  return found;
}

static void hide(search *it, size_t from, size_t to) { memset(it->hidden + from, 1, to - from); }

/* Hides the secret wherever it is in the layer, found by the method of Knuth, Morris and Pratt, with the padding of
 * base64 behind it. A beginning of it at the end of the text is hidden, too: the rest may have been cut off. */
static void find_secret(search *it, const layer *in, const secret *wanted) {
  size_t matched = 0;
  for (size_t i = 0; i < in->length; i++) {
    while (matched > 0 && (matched == wanted->length || wanted->bytes[matched] != in->bytes[i])) {
      matched = wanted->borders[matched - 1];
    }
    if (wanted->bytes[matched] == in->bytes[i]) matched++;
    if (matched == wanted->length) {
      size_t last = i;
      while (last + 1 < in->length && in->bytes[last + 1] == '=') last++;
      hide(it, in->from[i + 1 - matched], in->to[last]);
    }
  }
  if (matched == 0 || matched == wanted->length) return;
  if (it->is_cut || matched >= TELLING || (matched >= SHORTEST_SECRET && 2 * matched >= wanted->length)) {
    hide(it, in->from[in->length - matched], it->length);
  }
}

static void search_layers(search *it, int depth) {
  static const int sorts[] = {NP_ESCAPED_JSON, NP_ESCAPED_PERCENT, NP_ESCAPED_HTML};
  const layer *outer = &it->layers[depth];
  int found = 0;
  for (size_t i = 0; i < it->all->count; i++) find_secret(it, outer, &it->all->list[i]);
  if (depth == MAX_ESCAPES) return;
  for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
    if (!replace_escapes(outer, sorts[i], &it->layers[depth + 1])) continue;
    found++;
    search_layers(it, depth + 1);
  }
  if (found > 1 && replace_escapes(outer, ALL_ESCAPES, &it->layers[depth + 1])) search_layers(it, depth + 1);
}

/* Pushes the first `most` bytes of the text, with three asterisks for each secret in them. */
static void push_hidden(lua_State *L, const secrets *all, const char *text, size_t length, size_t most) {
  search it = {all, length < most + BEYOND ? length : most + BEYOND, 0, NULL, {{0, NULL, NULL, NULL}}};
  size_t room = it.length + 1;
  size_t written = 0;
  unsigned *numbers = lua_newuserdata(L, room * (2 * sizeof(unsigned) + 1) * (MAX_ESCAPES + 1) + 2 * room + 2);
  char *bytes = (char *)(numbers + 2 * (MAX_ESCAPES + 1) * room);
  char *shown;
  for (int i = 0; i <= MAX_ESCAPES; i++) {
    layer made = {0, bytes + (size_t)i * room, numbers + 2 * (size_t)i * room, numbers + (2 * (size_t)i + 1) * room};
    it.layers[i] = made;
  }
  it.hidden = bytes + (MAX_ESCAPES + 1) * room;
  it.is_cut = it.length < length;
  shown = it.hidden + room;
  memset(it.hidden, 0, room);
  memcpy(it.layers[0].bytes, text, it.length);
  it.layers[0].length = it.length;
  for (size_t i = 0; i < it.length; i++) {
    it.layers[0].from[i] = (unsigned)i;
    it.layers[0].to[i] = (unsigned)i + 1;
  }
  fold_layer(&it.layers[0]);
  search_layers(&it, 0);
  for (size_t i = 0; i < it.length && i < most; i++) {
    if (!it.hidden[i]) {
      shown[written++] = text[i];
    } else if (i == 0 || !it.hidden[i - 1]) {
      memcpy(shown + written, "***", 3);
      written += 3;
    }
  }
  lua_pushlstring(L, shown, written < most ? written : most);
  lua_remove(L, -2);
}

/* Pushes the text as one printable line: control characters in a row are a space, a byte that isn't UTF-8 is a question
 * mark. */
static void push_line(lua_State *L, const char *text, size_t length) {
  char *line = lua_newuserdata(L, length + 1);
  size_t used = 0;
  size_t i = 0;
  while (i < length) {
    unsigned long character;
    size_t size = np_read_utf8(text + i, length - i, &character);
    if (size == 0) {
      line[used++] = '?';
      size = 1;
    } else if (is_control(character)) {
      if (used > 0 && line[used - 1] != ' ') line[used++] = ' ';
    } else if (!is_invisible(character) && !(character == ' ' && used == 0)) {
      memcpy(line + used, text + i, size);
      used += size;
    }
    i += size;
  }
  while (used > 0 && line[used - 1] == ' ') used--;
  lua_pushlstring(L, line, used);
  lua_remove(L, -2);
}

/* Cuts the line at the top to the whole characters in its first `most` bytes, with "..." behind where there is more. */
static void cut_line(lua_State *L, size_t most, int is_cut) {
  size_t length;
  const char *line = lua_tolstring(L, -1, &length);
  if (length <= most && !is_cut) return;
  if (length > most) {
    length = most;
    while (length > 0 && ((unsigned char)line[length] & 0xc0) == 0x80) length--;
  }
  lua_pushlstring(L, line, length);
  lua_pushliteral(L, "...");
  lua_concat(L, 2);
  lua_remove(L, -2);
}

int np_one_line(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  size_t most = (size_t)luaL_checkinteger(L, 2);
  size_t looked_at = length < most + BEYOND ? length : most + BEYOND;
  push_line(L, text, looked_at);
  cut_line(L, most, looked_at < length);
  return 1;
}

/* (text, most) → the text without the secrets. Upvalue: the secrets. A line is searched again once it is one, since a
 * space of a secret may have been a line's end before. */
static int redact(lua_State *L) {
  const secrets *all = lua_touserdata(L, lua_upvalueindex(1));
  size_t length, line_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const size_t most = MAX_LINE + BEYOND;
  if (!lua_isnoneornil(L, 2)) {
    push_hidden(L, all, text, length, (size_t)luaL_checkinteger(L, 2));
    return 1;
  }
  push_hidden(L, all, text, length, most);
  text = lua_tolstring(L, -1, &line_length);
  push_line(L, text, line_length);
  text = lua_tolstring(L, -1, &line_length);
  push_hidden(L, all, text, line_length, line_length + 2);
  cut_line(L, MAX_LINE, length > most);
  return 1;
}

/* Folds a secret as layers are, and without the padding of base64. Returns its length then, which may be 0. */
static size_t fold_secret(const char *text, size_t length, char *bytes) {
  size_t used = 0;
  size_t i = 0;
  while (i < length) {
    int is_visible;
    size_t next = i + next_character(text + i, length - i, &is_visible);
    for (; i < next; i++) {
      if (is_visible) bytes[used++] = (char)(text[i] == '+' ? ' ' : text[i]);
    }
  }
  length = used;
  while (length > 0 && bytes[length - 1] == '=') length--;
  return length < TELLING ? used : length;
}

static void set_borders(secret *it) {
  size_t border = 0;
  it->borders[0] = 0;
  for (size_t i = 1; i < it->length; i++) {
    while (border > 0 && it->bytes[border] != it->bytes[i]) border = it->borders[border - 1];
    if (it->bytes[border] == it->bytes[i]) border++;
    it->borders[i] = (unsigned)border;
  }
}

int np_redactor(lua_State *L) {
  size_t total = 0;
  size_t count;
  secrets *all;
  unsigned *borders;
  char *bytes;
  luaL_checktype(L, 1, LUA_TTABLE);
  count = lua_rawlen(L, 1);
  lua_settop(L, 1);
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, (int)i);
    luaL_checktype(L, -1, LUA_TSTRING);
    total += lua_rawlen(L, -1);
    lua_pop(L, 1);
  }
  all = lua_newuserdata(L, sizeof *all + count * sizeof(secret) + total * (sizeof *borders + 1));
  borders = (unsigned *)(all->list + count);
  bytes = (char *)(borders + total);
  all->count = 0;
  for (size_t i = 1; i <= count; i++) {
    secret *it = &all->list[all->count];
    size_t length;
    const char *text;
    lua_rawgeti(L, 1, (int)i);
    text = lua_tolstring(L, -1, &length);
    it->bytes = bytes;
    it->borders = borders;
    it->length = fold_secret(text, length, bytes);
    if (it->length >= SHORTEST_SECRET) {
      set_borders(it);
      all->count++;
      bytes += it->length;
      borders += it->length;
    }
    lua_pop(L, 1);
  }
  lua_pushcclosure(L, redact, 1);
  return 1;
}
