/* What a look at the way to a server wants to know: of a transfer that is done, and of libcurl itself. */
#ifndef NP_DETAILS_H
#define NP_DETAILS_H

#include "compat.h"
#include "transfer.h"

/* Pushes a table of how far a transfer came that is done. See curl.c. */
void np_push_details(lua_State *L, const np_transfer *transfer);

/* Pushes a table of libcurl's version and TLS, and of where its trusted authorities are. */
int np_version(lua_State *L);

#endif
