/* Ctrl-C held back while a job runs. */
#ifndef NP_INTERRUPT_H
#define NP_INTERRUPT_H

#include "compat.h"

/* Adds to the table at the top of the stack:
 *   is_held = hold_interrupts(): from now on SIGINT is only noted; false where it is held already, or has a handler
 * that isn't the stock interpreter's was_noted = was_interrupted(): since then; false where this Lua state doesn't hold
 * it was_noted = release_interrupts(): SIGINT does again what it did before */
void np_add_interrupts(lua_State *L);

#endif
