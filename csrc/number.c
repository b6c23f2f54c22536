/* Reads phone numbers as people and programs write them. Without a plus sign only digits are taken: with punctuation it
 * may be a national number, one with an extension, or a float's text. After a plus sign punctuation is taken where it
 * can't make it another number. */
#include "number.h"

#include <string.h>

#include "ascii.h"
#include "message.h"
#include "numbering_plan.h"

#define LONGEST_SHORT_GROUP 4
#define LONGEST_AREA 5

static const char a_number[] = "2 to 15 digits with the country code";

/* What was read of a number after its plus sign. */
typedef struct spelling {
  lua_State *L;
  int index; /* of the string */
  char *digits;
  size_t used;
  size_t group;          /* digits of the group that is being read */
  size_t previous, last; /* digits of the two groups before */
  char mark;             /* one of -./ since then, or 0 */
  char previous_mark;    /* the one in front of the group that is being read */
  int slashes, others;   /* separators between digits after the first group */
  int is_open;           /* a parenthesis */
  size_t in_parentheses; /* digits, 0 where there are none */
  size_t after;          /* digits after the closing one */
} spelling;

static size_t refuse(lua_State *L, int index, const char *expected) {
  return (size_t)np_invalid(L, "number", expected, index);
}

/* Refuses because of a character that no number has. */
static size_t refuse_character(lua_State *L, int index, const char *text, size_t length, size_t at) {
  char c = text[at];
  size_t next = at;
  if (c == '+') return refuse(L, index, "one + and that in front");
  if ((c == 'e' || c == 'E') && at > 0 && np_is_digit(text[at - 1]) && at + 1 < length &&
      (np_is_digit(text[at + 1]) || text[at + 1] == '+' || text[at + 1] == '-')) {
    return refuse(L, index, "every digit, not a rounded number");
  }
  if (at > 0 && (np_is_letter(c) || strchr("#*,;", c) != NULL) && c != '\0') {
    return refuse(L, index, "a number without an extension, in digits");
  }
  if (c >= 0x20 && c < 0x7f) return refuse(L, index, a_number);
  np_push_shown(L, index);
  np_push_character(L, text, length, &next);
  lua_pushfstring(L, "number: expected digits and punctuation in ASCII, got %s in %s", lua_tostring(L, -1),
                  lua_tostring(L, -2));
  return 0;
}

static void end_group(spelling *s) {
  if (s->group == 0) return;
  s->previous = s->last;
  s->last = s->group;
  s->group = 0;
}

static size_t add_digit(spelling *s, char digit) {
  if (s->used == NP_MAX_DIGITS) return refuse(s->L, s->index, a_number);
  if (s->group == 0 && s->used > 0) {
    s->previous_mark = s->mark;
    if (s->used > np_code_length(s->digits, s->used)) {
      if (s->mark == '/') {
        s->slashes++;
      } else {
        s->others++;
      }
    }
    s->mark = 0;
  }
  s->digits[s->used++] = digit;
  s->group++;
  if (s->is_open) {
    s->in_parentheses++;
  } else if (s->in_parentheses > 0) {
    s->after++;
  }
  return 1;
}

/* Digits of the last group, without the country code. */
static size_t digits_of_area(const spelling *s) {
  size_t code = np_code_length(s->digits, s->used);
  return s->last == s->used && s->last > code ? s->last - code : s->last;
}

static size_t add_mark(spelling *s, char mark) {
  if (s->used == 0 || s->is_open || s->mark) return refuse(s->L, s->index, "one of - . / between two groups of digits");
  end_group(s);
  if (mark == '.' && s->last > LONGEST_SHORT_GROUP) {
    return refuse(s->L, s->index, "no . after more than 4 digits, as in a float's text");
  }
  if (mark == '/' && digits_of_area(s) > LONGEST_AREA) {
    return refuse(s->L, s->index, "one number, not two with a / between them");
  }
  s->mark = mark;
  return 1;
}

static size_t add_parenthesis(spelling *s, char c) {
  if (c == '(') {
    int is_after_code = s->used > 0 && s->used == np_code_length(s->digits, s->used);
    if (!is_after_code || s->is_open || s->in_parentheses > 0) {
      return refuse(s->L, s->index, "parentheses only around the first group after the country code");
    }
  } else if (!s->is_open || s->group == 0) {
    return refuse(s->L, s->index, "parentheses around digits, in pairs");
  }
  end_group(s);
  s->is_open = c == '(';
  return 1;
}

/* Reads the character at the place. */
static size_t add(spelling *s, const char *text, size_t length, size_t at) {
  char c = text[at];
  if (np_is_digit(c)) return add_digit(s, c);
  switch (c) {
    case ' ':
      if (s->is_open) return refuse(s->L, s->index, "digits alone within parentheses");
      end_group(s);
      return 1;
    case '-':
    case '.':
    case '/': return add_mark(s, c);
    case '(':
    case ')': return add_parenthesis(s, c);
    default: return refuse_character(s->L, s->index, text, length, at);
  }
}

/* Checks what only the end shows. */
static size_t check_groups(spelling *s) {
  if (s->is_open) return refuse(s->L, s->index, "parentheses around digits, in pairs");
  if (s->mark) return refuse(s->L, s->index, "a digit at the end");
  if (s->in_parentheses > 0 && s->after == 0 && s->in_parentheses <= LONGEST_SHORT_GROUP) {
    return refuse(s->L, s->index, "no short group in parentheses at the end, as an extension is written");
  }
  end_group(s);
  if (s->last == 1 && s->previous_mark == '.') {
    return refuse(s->L, s->index, "no . before a single last digit, as in a float's text");
  }
  if (s->previous_mark == '/' && s->slashes > 0 && (s->last == 1 || (s->others > 0 && s->last <= s->previous))) {
    return refuse(s->L, s->index, "one number, not two with a / between them");
  }
  return 1;
}

/* Checks the number by its country's numbering plan. */
static size_t check_plan(spelling *s) {
  size_t code = np_code_length(s->digits, s->used);
  size_t count = s->used - code;
  const char *trunk;
  if (code == 0 || count == 0) return 1;
  trunk = np_trunk_prefix(s->digits, code, count, s->in_parentheses);
  lua_pushlstring(s->L, s->digits, code);
  if (s->digits[code] == '0') {
    int is_number = np_begins_with_zero(s->digits, code, count);
    if (!is_number || (s->in_parentheses == 1 && np_is_number_without_zero(s->digits, code, count))) {
      lua_pushfstring(s->L, "no 0 after +%s that is dialled within the country only", lua_tostring(s->L, -1));
      return refuse(s->L, s->index, lua_tostring(s->L, -1));
    }
  } else if (trunk != NULL) {
    lua_pushfstring(s->L, "no %s after +%s that is dialled within the country only", trunk, lua_tostring(s->L, -1));
    return refuse(s->L, s->index, lua_tostring(s->L, -1));
  } else if (s->digits[0] == '1' && count != 10) {
    return refuse(s->L, s->index, "10 digits after +1");
  }
  lua_pop(s->L, 1);
  return 1;
}

static size_t read_after_plus(lua_State *L, int index, const char *text, size_t length, char *out) {
  spelling s;
  memset(&s, 0, sizeof s);
  s.L = L;
  s.index = index;
  s.digits = out;
  for (size_t i = 0; i < length; i++) {
    if (!add(&s, text, length, i)) return 0;
  }
  if (s.used < 2) return refuse(L, index, a_number);
  if (out[0] == '0') return refuse(L, index, "a country code, which has no 0 in front");
  return check_groups(&s) && check_plan(&s) ? s.used : 0;
}

static size_t read_bare(lua_State *L, int index, const char *text, size_t length, char *out) {
  int has_punctuation = 0;
  for (size_t i = 0; i < length; i++) {
    if (np_is_digit(text[i])) continue;
    if (text[i] == '\0' || strchr(" -./()", text[i]) == NULL) return refuse_character(L, index, text, length, i);
    has_punctuation = 1;
  }
  if (has_punctuation) {
    return refuse(L, index, "2 to 15 digits with the country code, and punctuation only after a +");
  }
  if (length < 2 || length > NP_MAX_DIGITS) return refuse(L, index, a_number);
  if (text[0] == '0') return refuse(L, index, "the country code first, without 0, 00 or 011 in front");
  memcpy(out, text, length);
  return length;
}

size_t np_read_number(lua_State *L, int index, char out[NP_MAX_DIGITS + 1]) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  index = lua_absindex(L, index);
  while (length > 0 && *text == ' ') {
    text++;
    length--;
  }
  while (length > 0 && text[length - 1] == ' ') length--;
  if (length > 0 && *text == '+') return read_after_plus(L, index, text + 1, length - 1, out);
  return read_bare(L, index, text, length, out);
}
