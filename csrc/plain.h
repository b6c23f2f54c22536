/* The fast way through plain JSON. */
#ifndef NP_PLAIN_H
#define NP_PLAIN_H

#include "compat.h"

/* Pushes what the JSON text says and returns 1, or returns 0 with nothing pushed where the text isn't plain: then
 * lua-cjson has to read it, or to say what is wrong with it. */
int np_decode_plain(lua_State *L, const char *text, size_t length);

#endif
