/* Characters as the wire has them: isdigit and friends follow the locale. */
#ifndef NP_TEXT_H
#define NP_TEXT_H

#include <stddef.h>

static inline int np_is_digit(char c) { return c >= '0' && c <= '9'; }

static inline int np_is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Whether it is so many digits and nothing else. */
int np_all_digits(const char *text, size_t length, size_t least, size_t most);

/* Whether it is 1 to 64 of [A-Za-z0-9_-]. */
int np_is_identifier(const char *text, size_t length);

/* Whether it is the word, which is in small letters, in any case. */
int np_is_word(const char *text, size_t length, const char *word);

/* Whether it is UTF-8 without overlong forms, surrogates or anything beyond U+10FFFF: RFC 3629, section 4. */
int np_is_utf8(const char *text, size_t length);

#endif
