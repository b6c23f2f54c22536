/* Numbering plans: how long calling codes are, where numbers begin with 0, which digits are dialled within a country
 * only. In all of these `code` is how many digits the calling code has, and `count` how many follow it. */
#ifndef NP_NUMBERING_PLAN_H
#define NP_NUMBERING_PLAN_H

#include <stddef.h>

/* How many of the digits, of which there are `count`, are the calling code; 0 where there are too few to tell. */
size_t np_code_length(const char *digits, size_t count);

/* Whether numbers of so many digits may begin as these do: with 0 after the calling code. */
int np_begins_with_zero(const char *digits, size_t code, size_t count);

/* Whether such a number would be one without that 0, too. */
int np_is_number_without_zero(const char *digits, size_t code, size_t count);

/* The trunk prefix, other than 0, that stands after the calling code; NULL where there is none. It is one where what
 * follows has the length of a number, or where it is all of the first group, which has `group` digits (0: not known).
 */
const char *np_trunk_prefix(const char *digits, size_t code, size_t count, size_t group);

#endif
