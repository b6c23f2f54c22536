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

int np_is_utf8(const char *text, size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  size_t i = 0;
  while (i < length) {
    unsigned char c = bytes[i++];
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
      if (i >= length || bytes[i] < low || bytes[i] > high) return 0;
      low = 0x80;
      high = 0xbf;
      i++;
    }
  }
  return 1;
}
