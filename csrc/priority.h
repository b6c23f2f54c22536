/* The option number_priority. */
#ifndef NP_PRIORITY_H
#define NP_PRIORITY_H

#include "compat.h"

/* Pushes the list at index as JSON and returns 1, or pushes what is wrong with a value in it and returns 0; raises for
 * a wrong type in it. */
int np_push_priority(lua_State *L, const char *method, int index);

#endif
