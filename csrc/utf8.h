/* UTF-8: RFC 3629. */
#ifndef NP_UTF8_H
#define NP_UTF8_H

#include <stddef.h>

/* Reads the first character of a text of at least one byte. Returns how many bytes it takes, or 0 where they aren't
 * UTF-8. */
size_t np_read_utf8(const char *text, size_t length, unsigned long *character);

/* Writes a character of at most U+10FFFF. Returns how many bytes it takes: 1 to 4. */
size_t np_write_utf8(char *text, unsigned long character);

/* Whether the text is UTF-8 without overlong forms, surrogates or anything beyond U+10FFFF: section 4. */
int np_is_utf8(const char *text, size_t length);

#endif
