/* Targets and options, as they go on the wire. */
#ifndef NP_VALUE_H
#define NP_VALUE_H

#include "ascii.h"
#include "compat.h"
#include "operation.h"

/* Where a value goes decides how it is written. */
typedef enum np_form { NP_IN_QUERY, NP_IN_BODY } np_form;

/* Leaves the target at index, of the right type, in out: "" where the operation has none. Returns 1, or pushes what is
 * wrong with it and returns 0. */
int np_read_target(lua_State *L, const np_operation *operation, int index, char out[NP_MAX_IDENTIFIER + 1]);

/* Pushes the option at index, of the right type, as it goes on the wire and returns 1, or pushes what is wrong with it
 * and returns 0; raises for a wrong type within a table. */
int np_push_option(lua_State *L, const char *method, const np_parameter *parameter, int index, np_form form);

/* Pushes the value at index as JSON. The encoder, lua-cjson's, is upvalue 2 of the function that Lua has called. */
void np_push_json(lua_State *L, int index);

#endif
