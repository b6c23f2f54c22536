/* UTF-8: RFC 3629. */
#include "utf8.h"

size_t np_read_utf8(const char *text, size_t length, unsigned long *character) {
  static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char first = (unsigned char)text[0];
  unsigned long value = first;
  size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size == 0 || size > length) return 0;
  if (size > 1) value = first & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    unsigned char next = (unsigned char)text[i];
    if ((next & 0xc0) != 0x80) return 0;
    value = value << 6 | (next & 0x3f);
  }
  if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return 0;
  *character = value;
  return size;
}

size_t np_write_utf8(char *text, unsigned long character) {
  static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
  size_t size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  for (size_t i = size - 1; i > 0; i--) {
    text[i] = (char)(0x80 | (character & 0x3f));
    character >>= 6;
  }
  text[0] = (char)(marks[size] | character);
  return size;
}

int np_is_utf8(const char *text, size_t length) {
  unsigned long character;
  size_t size;
  for (size_t i = 0; i < length; i += size) {
    size = np_read_utf8(text + i, length - i, &character);
    if (size == 0) return 0;
  }
  return 1;
}
