/* From the text of JSON to Lua values. */
#ifndef NP_JSON_H
#define NP_JSON_H

#include "compat.h"

/* Pushes what the text says and returns 1, or pushes why it isn't JSON and returns 0. The text is a Lua string's, which
 * ends with a zero byte. More than `most` entries of lists and objects are refused too; 0 takes any number. */
int np_decode_json(lua_State *L, const char *text, size_t length, size_t most);

#endif
