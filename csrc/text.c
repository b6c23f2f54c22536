/* Texts that are nothing but what they should be. */
#include "text.h"

#include "arguments.h"

int np_is_identifier(const char *text, size_t length) {
  if (length < 1 || length > NP_MAX_UUID) return 0;
  for (size_t i = 0; i < length; i++) {
    if (!np_is_digit(text[i]) && !np_is_letter(text[i]) && text[i] != '_' && text[i] != '-') return 0;
  }
  return 1;
}

int np_all_digits(const char *text, size_t length, size_t least, size_t most) {
  if (length < least || length > most) return 0;
  for (size_t i = 0; i < length; i++) {
    if (!np_is_digit(text[i])) return 0;
  }
  return 1;
}

int np_is_word(const char *text, size_t length, const char *word) {
  size_t i = 0;
  while (i < length && word[i] != '\0' && np_is_letter(text[i]) && (text[i] | 0x20) == word[i]) i++;
  return i == length && word[i] == '\0';
}

long np_next_character(const char *text, size_t length, size_t *at) {
  const unsigned char *bytes = (const unsigned char *)text;
  size_t i = *at;
  unsigned char low = 0x80, high = 0xbf;
  int more = 0;
  long character;
  if (i >= length) return -1;
  character = bytes[i++];
  if (character >= 0xc2 && character <= 0xdf) {
    more = 1;
  } else if (character >= 0xe0 && character <= 0xef) {
    more = 2;
    if (character == 0xe0) low = 0xa0;
    if (character == 0xed) high = 0x9f;
  } else if (character >= 0xf0 && character <= 0xf4) {
    more = 3;
    if (character == 0xf0) low = 0x90;
    if (character == 0xf4) high = 0x8f;
  } else if (character >= 0x80) {
    return -1;
  }
  if (more > 0) character &= 0x3f >> more;
  for (; more > 0; more--) {
    if (i >= length || bytes[i] < low || bytes[i] > high) return -1;
    character = (character << 6) | (bytes[i++] & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  *at = i;
  return character;
}

int np_is_utf8(const char *text, size_t length) {
  size_t at = 0;
  while (at < length) {
    if (np_next_character(text, length, &at) < 0) return 0;
  }
  return 1;
}
