/* From a row of the operation table and a caller's arguments to a request. Upvalues of both: 1 the index of the row,
 * 2 lua-cjson's encoder. */
#ifndef NP_REQUEST_H
#define NP_REQUEST_H

#include "compat.h"

/* (self, prefix, target?, options?) → request, or nil and which value can't be right. Wrong types raise at the line
 * that called the method that calls this, as below. */
int np_build_request(lua_State *L);

/* (options?, method?) → true, or nil and which value can't be right. What is raised begins with the method's name, the
 * operation's if none is given. */
int np_check_options(lua_State *L);

#endif
