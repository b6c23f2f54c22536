/* Numbering plans: how long calling codes are, where numbers begin with 0, and which digits are dialled at home only.
 */
#ifndef NP_NUMBERING_PLAN_H
#define NP_NUMBERING_PLAN_H

#include <stddef.h>

/* How many of the digits are the calling code; 0 where there are too few to tell. */
size_t np_code_length(const char *digits, size_t count);

/* Whether the plan has numbers of so many digits, those after the calling code, that begin as these do: with 0. */
int np_begins_with_zero(const char *digits, size_t code, size_t count);

/* Of such a number: whether it would be one without its 0, too. */
int np_is_number_without_zero(const char *digits, size_t code, size_t count);

/* The trunk prefix, other than 0, that the digits after the calling code begin with, where no number does and what
 * follows has a number's length; or that a first group of nothing else is. NULL where there is none. */
const char *np_trunk_prefix(const char *digits, size_t code, size_t count, size_t group);

#endif
