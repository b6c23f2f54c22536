/* Characters of ASCII, whatever the locale: isdigit and friends follow it. */
#ifndef NP_ASCII_H
#define NP_ASCII_H

#include <stddef.h>

#define NP_MAX_IDENTIFIER 64

static inline int np_is_digit(char c) { return c >= '0' && c <= '9'; }

static inline int np_is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Whether the text is digits alone, at least and at most so many. */
int np_is_all_digits(const char *text, size_t length, size_t least, size_t most);

/* Whether the text is 1 to 64 of [A-Za-z0-9_-]. */
int np_is_identifier(const char *text, size_t length);

/* Whether the text is the word, which is in small letters, in any case. */
int np_is_word(const char *text, size_t length, const char *word);

#endif
