/* Types of arguments, and the options that every operation has. */
#ifndef NP_CHECK_H
#define NP_CHECK_H

#include "compat.h"
#include "operation.h"

/* Raises where the value at index, the operation's target if it has one, has the wrong type. */
void np_check_target_type(lua_State *L, const np_operation *operation, int index);

/* Raises where the value at index is neither nil nor a table of the operation's options, each of the right type, with
 * those that are required. */
void np_check_option_types(lua_State *L, const np_operation *operation, const char *method, int options);

/* Raises where the table at index has keys besides those of a list: what stands there would be left out. */
void np_check_list(lua_State *L, const char *method, const char *name, int index);

/* Take the value of the option, of the right type. Each pushes it and returns 1, or pushes what is wrong with it and
 * returns 0. */
int np_check_timeout(lua_State *L, int index);
int np_check_retries(lua_State *L, int index);

/* Pushes the field of the table at index as it stands in the table: checks and readers see the same, and no metamethod
 * of the caller's runs in between. Pushes nil for an index of 0. */
void np_get_raw(lua_State *L, int index, const char *name);

#endif
