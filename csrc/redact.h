/* Makes a text from elsewhere a part of our messages: without secrets, in one printable line. */
#ifndef NP_REDACT_H
#define NP_REDACT_H

#include "compat.h"

/* (secrets) → a function that takes the secrets of the list out of a text. That one returns, for (text), one line of at
 * most 500 bytes; for (text, most), the text's first so many bytes with its lines as they are. */
int np_redactor(lua_State *L);

/* (text, most) → the text as one printable line of at most so many bytes and "...". */
int np_one_line(lua_State *L);

#endif
