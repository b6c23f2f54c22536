/* From a response's JSON to Lua tables. */
#ifndef NP_RESPONSE_H
#define NP_RESPONSE_H

#include "compat.h"

/* Upvalue 1: lua-cjson's decoder. (text) → value, or nil and why it isn't JSON. */
int np_decode_json(lua_State *L);

/* Upvalues: 1 lua-cjson's decoder, 2 the index of the row. (status, text, limit, offset) → what the call
 * returns, or nil and what is wrong with the answer. */
int np_decode_result(lua_State *L);

#endif
