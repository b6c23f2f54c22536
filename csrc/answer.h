/* What a call returns for a successful answer. */
#ifndef NP_ANSWER_H
#define NP_ANSWER_H

#include "compat.h"

/* Upvalue: the index of the row. (status, text, limit, offset) → what the call returns, or nil and what is wrong with
 * the answer. */
int np_decode_answer(lua_State *L);

#endif
