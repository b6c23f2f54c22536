/* From a row of the operation table and a caller's arguments to a request. */
#ifndef NP_REQUEST_H
#define NP_REQUEST_H

#include "compat.h"

/* Upvalues: 1 the index of the row, 2 lua-cjson's encoder. Called by the method as (self, prefix, ...). */
int np_build_request(lua_State *L);

#endif
