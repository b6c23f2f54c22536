/* Base64 for the Authorization header: RFC 4648, section 4. */
#ifndef NP_BASE64_H
#define NP_BASE64_H

#include "compat.h"

/* (text) → its base64. */
int np_base64(lua_State *L);

#endif
