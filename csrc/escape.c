/* Reads the escapes of JSON, URLs and HTML, behind which a text may have a secret. */
#include "escape.h"

#include <string.h>

#include "ascii.h"
#include "utf8.h"

#define MAX_DIGITS 8 /* of a number in HTML, leading zeros included */
#define MAX_NAME 8

static int digit_of(char c) {
  if (np_is_digit(c)) return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* The number of at least `least` and at most `most` digits at text. Returns how many there are, or 0. */
static size_t read_number(const char *text, size_t length, int base, size_t least, size_t most, unsigned long *number) {
  size_t count = 0;
  *number = 0;
  while (count < length && count < most && digit_of(text[count]) < base) {
    *number = *number * (unsigned long)base + (unsigned long)digit_of(text[count++]);
  }
  return count >= least ? count : 0;
}

static size_t write_character(unsigned long character, char *written) {
  return np_write_utf8(written, character > 0x10ffff ? 0xfffd : character);
}

/* RFC 8259, section 7, and \xHH. A backslash before any other punctuation stands for that. */
static size_t read_json(const char *text, size_t length, char *written, size_t *size) {
  static const char controls[] = "bfnrt";
  unsigned long unit, low;
  if (length < 2 || text[1] <= ' ') return 0;
  *size = 1;
  if (text[1] == 'u') {
    if (read_number(text + 2, length - 2, 16, 4, 4, &unit) == 0) return 0;
    if (unit >= 0xd800 && unit < 0xdc00 && length >= 12 && text[6] == '\\' && text[7] == 'u' &&
        read_number(text + 8, 4, 16, 4, 4, &low) > 0 && low >= 0xdc00 && low < 0xe000) {
      *size = write_character(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), written);
      return 12;
    }
    *size = write_character(unit, written);
    return 6;
  } else if (text[1] == 'x') {
    if (read_number(text + 2, length - 2, 16, 2, 2, &unit) == 0) return 0;
    *written = (char)unit;
    return 4;
  } else if (strchr(controls, text[1]) != NULL) {
    *written = '\n';
    return 2;
  } else if (np_is_digit(text[1]) || np_is_letter(text[1])) {
    return 0;
  }
  *written = text[1];
  return 2;
}

/* RFC 3986, section 2.1. */
static size_t read_percent(const char *text, size_t length, char *written, size_t *size) {
  unsigned long byte;
  if (read_number(text + 1, length - 1, 16, 2, 2, &byte) == 0) return 0;
  *written = (char)byte;
  *size = 1;
  return 3;
}

static size_t read_html_number(const char *text, size_t length, char *written, size_t *size) {
  int is_hexadecimal = length > 2 && (text[2] | 0x20) == 'x';
  size_t start = is_hexadecimal ? 3 : 2;
  unsigned long character;
  size_t digits = length > start
                      ? read_number(text + start, length - start, is_hexadecimal ? 16 : 10, 1, MAX_DIGITS, &character)
                      : 0;
  if (digits == 0) return 0;
  *size = write_character(character, written);
  start += digits;
  return start < length && text[start] == ';' ? start + 1 : start;
}

/* Names of ASCII's punctuation in HTML: section 13.5 of its standard. */
static size_t read_html_name(const char *text, size_t length, char *written, size_t *size) {
  static const struct {
    char character;
    char name[MAX_NAME];
  } names[] = {{'&', "amp"},    {'<', "lt"},     {'>', "gt"},     {'"', "quot"},  {'\'', "apos"},  {'=', "equals"},
               {'+', "plus"},   {'/', "sol"},    {'\\', "bsol"},  {':', "colon"}, {'%', "percnt"}, {'_', "lowbar"},
               {'!', "excl"},   {'#', "num"},    {'$', "dollar"}, {'(', "lpar"},  {')', "rpar"},   {'*', "ast"},
               {',', "comma"},  {'.', "period"}, {';', "semi"},   {'?', "quest"}, {'@', "commat"}, {'[', "lsqb"},
               {'[', "lbrack"}, {']', "rsqb"},   {']', "rbrack"}, {'^', "Hat"},   {'`', "grave"},  {'{', "lcub"},
               {'{', "lbrace"}, {'|', "verbar"}, {'|', "vert"},   {'}', "rcub"},  {'}', "rbrace"}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    size_t name_length = strlen(names[i].name);
    if (length - 1 < name_length || memcmp(text + 1, names[i].name, name_length) != 0) continue;
    *written = names[i].character;
    *size = 1;
    return length - 1 > name_length && text[1 + name_length] == ';' ? name_length + 2 : name_length + 1;
  }
  return 0;
}

size_t np_read_escape(const char *text, size_t length, int sorts, char *written, size_t *size) {
  if (length < 3 && *text != '\\') return 0;
  switch (*text) {
    case '\\': return (sorts & NP_ESCAPED_JSON) != 0 ? read_json(text, length, written, size) : 0;
    case '%': return (sorts & NP_ESCAPED_PERCENT) != 0 ? read_percent(text, length, written, size) : 0;
    case '&':
      if ((sorts & NP_ESCAPED_HTML) == 0) return 0;
      return text[1] == '#' ? read_html_number(text, length, written, size)
                            : read_html_name(text, length, written, size);
    default: return 0;
  }
}
