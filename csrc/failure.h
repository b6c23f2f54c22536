/* What a transfer without an answer gives to Lua. */
#ifndef NP_FAILURE_H
#define NP_FAILURE_H

#include "compat.h"
#include "transfer.h"

#define NP_WAS_CLOSED "the client was closed while the request was under way"

/* Pushes nil, kind, message, whether a byte was sent, the status of an answer that broke off or nil, and whether the
 * connection was reused. Returns how many these are. */
int np_push_failure(lua_State *L, const np_transfer *transfer, long status);

#endif
