/* Phone numbers as people and programs write them. */
#ifndef NP_NUMBER_H
#define NP_NUMBER_H

#include "compat.h"

#define NP_MAX_DIGITS 15

/* Leaves the digits of the string at index in out. Returns how many they are, or 0 and pushes the message that says
 * which rule refuses it: what may be another number than the one that was meant is never sent. */
size_t np_read_number(lua_State *L, int index, char out[NP_MAX_DIGITS + 1]);

#endif
