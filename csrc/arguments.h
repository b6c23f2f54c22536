/* What callers pass in: every value is checked here before a byte of a request is made from it. */
#ifndef NP_ARGUMENTS_H
#define NP_ARGUMENTS_H

#include <stddef.h>

#include "compat.h"
#include "operation.h"

#define NP_MAX_UUID 64

/* Where a checked value goes decides how it is written. */
typedef enum np_form { NP_IN_QUERY, NP_IN_BODY } np_form;

/* The programmer's errors raise, with the position of whoever called the method that called us:
 * level 0 is the C function, 1 the method, 2 its caller. */
int np_raise(lua_State *L, const char *format, ...);
int np_raise_type(lua_State *L, const char *operation, const char *name, const char *expected, int index);

/* Pushes "name: expected …, got …" with the value at index, and returns 0. */
int np_invalid(lua_State *L, const char *name, const char *expected, int index);

/* Pushes the value at index as a person may read it: one line of printable ASCII, cut off where it is long. */
void np_push_shown(lua_State *L, int index);

/* Pushes the character at the place as it is shown where it can't be printed, as U+00A0, or \xff for a byte of none;
 * the place moves behind it. */
void np_push_character(lua_State *L, const char *text, size_t length, size_t *at);

/* Pushes the field of the table at index as it stands in the table: checks and readers see the same, and no metamethod
 * of the caller's runs in between. An index of 0 is no table. */
void np_get_raw(lua_State *L, int index, const char *name);

/* Raises where the target, at its index if the operation has one, or one of the options, a table or nothing, has the
 * wrong Lua type, or an option isn't one of the operation's. Whatever the values, that comes first. */
void np_check_types(lua_State *L, const np_operation *operation, int target, int options);

/* Each takes a value of the right type. Returns 1, or 0 and pushes the message that says what is wrong; a wrong type
 * within a table raises. */
int np_check_target(lua_State *L, const np_operation *operation, int index, char out[NP_MAX_UUID + 1]);
int np_check_option(lua_State *L, const np_operation *operation, const np_parameter *parameter, int index,
                    np_form form);
int np_check_timeout(lua_State *L, int index);
int np_check_retries(lua_State *L, int index);

#endif
