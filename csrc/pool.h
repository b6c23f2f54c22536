/* The pool userdata. */
#ifndef NP_POOL_H
#define NP_POOL_H

#include "compat.h"

/* The uuid of the pool at index. Raises, at the line that called the method, where there is none. */
const char *np_pool_uuid(lua_State *L, int index, const char *method);

/* Leaves the table of a pool's methods at the top. */
void np_pool_open(lua_State *L);

/* (client, uuid) → pool, or nil and what is wrong with the uuid. */
int np_pool_new(lua_State *L);

/* (pool, method) → the client it belongs to. Raises, at the line that called the method of that name, for anything
 * else. */
int np_pool_client(lua_State *L);

#endif
