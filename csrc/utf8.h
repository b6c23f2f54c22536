/* Characters of UTF-8, one by one: RFC 3629. */
#ifndef NP_UTF8_H
#define NP_UTF8_H

#include <stddef.h>

/* The bytes that the character at text takes, and the character; 0 where it isn't UTF-8. `length` must be at least 1.
 */
size_t np_read_utf8(const char *text, size_t length, unsigned long *character);

/* Writes a character of at most U+10FFFF, and returns its bytes: 1 to 4. */
size_t np_write_utf8(char *text, unsigned long character);

#endif
