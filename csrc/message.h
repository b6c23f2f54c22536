/* What callers are told of arguments that are wrong: `get: timeout: number expected, got string` is raised for a type,
 * `timeout: expected more than 0, got -1` is returned for a value. */
#ifndef NP_MESSAGE_H
#define NP_MESSAGE_H

#include <stddef.h>

#include "compat.h"

/* Raises at the line that called the method: level 0 is the C function that calls this, 1 the method in Lua that called
 * it, 2 the method's caller. */
int np_raise(lua_State *L, const char *format, ...);

/* Raises "method: name: … expected, got …" with the type of the value at index. */
int np_raise_type(lua_State *L, const char *method, const char *name, const char *expected, int index);

/* The type of the value at index: "no value" for nil, too. */
const char *np_type_name(lua_State *L, int index);

/* Pushes "name: expected …, got …" with the value at index, and returns 0. */
int np_invalid(lua_State *L, const char *name, const char *expected, int index);

/* Pushes the value at index as a person may read it: one line of printable ASCII, cut off where it is long. */
void np_push_shown(lua_State *L, int index);

/* Pushes the character at the place as U+00A0, or as \xff where a byte isn't UTF-8, and moves the place behind it. */
void np_push_character(lua_State *L, const char *text, size_t length, size_t *at);

#endif
