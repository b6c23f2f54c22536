/* Phone numbers as people and programs write them. */
#ifndef NP_NUMBER_H
#define NP_NUMBER_H

#include "compat.h"

#define NP_MAX_DIGITS 15

/* Leaves the digits of the string at index in out. Returns how many they are, or pushes which rule refuses it and
 * returns 0: a number that may not be the one that was meant is never sent. */
size_t np_read_number(lua_State *L, int index, char out[NP_MAX_DIGITS + 1]);

#endif
