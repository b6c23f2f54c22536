/* Texts of others as a part of ours: without secrets, and in one printable line. */
#ifndef NP_REDACT_H
#define NP_REDACT_H

#include "compat.h"

/* (secrets) → a function that takes each of the list's secrets out of a text. That one's arguments are (text): the text
 * as one line of at most 500 bytes; or (text, most): its first so many bytes as they are. */
int np_redactor(lua_State *L);

/* (text, most) → the text as one printable line of at most so many bytes and "...". */
int np_one_line(lua_State *L);

#endif
