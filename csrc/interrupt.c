/* Ctrl-C held back while a job runs. The stock interpreter raises an error between any two instructions, wherever the
 * program is; a job wants to hear of it where it waits, with its records in order.
 *
 * A handler of SIGINT belongs to the process, and a process may have several Lua states and threads: one state at a
 * time holds it, and only that one can release it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif

#include "interrupt.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/auxv.h>
#endif

#define LONGEST_PATH 4096

/* What tells one Lua state from another: a userdata that lives as long as the state. */
typedef struct holder {
  int is_closed;
} holder;

static _Atomic(holder *) the_holder; /* NULL: nobody */
static atomic_long held_in;          /* the process that it took SIGINT in */
static atomic_int is_noted;
static struct sigaction before; /* what SIGINT did before; written only while our handler isn't set */
static _Atomic(uintptr_t) known; /* a handler that is known to be the interpreter's */

/* Notes the first SIGINT; leaves a second one to the handler that was there before. Runs between any two instructions
 * of the process: it may do nothing else. */
static void on_interrupt(int number) {
  int error = errno;
  if (atomic_exchange(&is_noted, 1)) {
    sigaction(SIGINT, &before, NULL);
    before.sa_handler(number);
  }
  errno = error;
}

static int is_handled_here(const struct sigaction *action) {
  return (action->sa_flags & SA_SIGINFO) == 0 && action->sa_handler == on_interrupt;
}

#if defined(__linux__)

/* Whether it is the name of a Lua interpreter: lua or luajit with a version or nothing after it, as in lua5.4, lua-5.4,
 * lua54 or luajit-2.1.0-beta3; not luac or luatex. */
static int is_interpreter(const char *name) {
  if (strncmp(name, "lua", 3) != 0) return 0;
  name += strncmp(name, "luajit", 6) == 0 ? 6 : 3;
  if (*name == '\0') return 1;
  if (*name == '-') name++;
  if (*name < '0' || *name > '9') return 0;
  return name[strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-")] == '\0';
}

static int is_in_interpreter(void) {
  char path[LONGEST_PATH];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  const char *slash;
  if (length <= 0) return 0;
  path[length] = '\0';
  slash = strrchr(path, '/');
  return slash != NULL && is_interpreter(slash + 1);
}

/* The start of the program or library that the address is in; NULL where it is in none. */
static const void *base_of(uintptr_t address) {
  Dl_info info;
  return dladdr((const void *)address, &info) != 0 ? info.dli_fbase : NULL;
}

/* Whether the handler is the stock interpreter's: a function of the main program, and that is an interpreter. */
static int is_of_interpreter(const struct sigaction *action) {
  uintptr_t handler = (uintptr_t)action->sa_handler;
  const void *program;
  if ((action->sa_flags & SA_SIGINFO) != 0) return 0;
  if (action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN) return 0;
  if (atomic_load(&known) == handler) return 1;
  program = base_of(getauxval(AT_PHDR));
  if (program == NULL || base_of(handler) != program || !is_in_interpreter()) return 0;
  atomic_store(&known, handler);
  return 1;
}

#else

/* Nothing portable tells whose a handler is. */
static int is_of_interpreter(const struct sigaction *action) {
  (void)action;
  return 0;
}

#endif

/* Makes this one the holder. Returns 0 where SIGINT is held already. */
static int claim(holder *own) {
  holder *other = NULL;
  struct sigaction now;
  if (atomic_compare_exchange_strong(&the_holder, &other, own)) return 1;
  /* An interpreter that goes on after an error has set its own handler again: nothing is held any more. */
  if (other == own) return sigaction(SIGINT, NULL, &now) == 0 && !is_handled_here(&now);
  /* A thread's that a fork has left behind: nobody is there to release it. */
  return atomic_load(&held_in) != (long)getpid() && atomic_compare_exchange_strong(&the_holder, &other, own);
}

/* Sets the handler. Returns 0 where the one that is there isn't the stock interpreter's. */
static int take_signal(void) {
  struct sigaction action;
  if (sigaction(SIGINT, NULL, &action) != 0) return 0;
  atomic_store(&is_noted, 0);
  if (is_handled_here(&action)) return 1;
  if (!is_of_interpreter(&action)) return 0;
  before = action;
  action.sa_handler = on_interrupt;
  action.sa_flags &= SA_RESTART | SA_ONSTACK;
  return sigaction(SIGINT, &action, NULL) == 0;
}

/* Returns whether SIGINT was noted. A handler that somebody else has set meanwhile stays. */
static int release(holder *own) {
  struct sigaction action;
  int was_noted;
  if (atomic_load(&the_holder) != own) return 0;
  if (sigaction(SIGINT, NULL, &action) == 0 && is_handled_here(&action)) sigaction(SIGINT, &before, NULL);
  was_noted = atomic_exchange(&is_noted, 0);
  atomic_store(&the_holder, NULL);
  return was_noted;
}

static holder *own_holder(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

static int hold_interrupts(lua_State *L) {
  holder *own = own_holder(L);
  int is_held = !own->is_closed && claim(own);
  if (is_held) {
    atomic_store(&held_in, (long)getpid());
    is_held = take_signal();
    if (!is_held) atomic_store(&the_holder, NULL);
  }
  lua_pushboolean(L, is_held);
  return 1;
}

static int was_interrupted(lua_State *L) {
  lua_pushboolean(L, atomic_load(&the_holder) == own_holder(L) && atomic_load(&is_noted));
  return 1;
}

static int release_interrupts(lua_State *L) {
  lua_pushboolean(L, release(own_holder(L)));
  return 1;
}

/* The Lua state ends. Finalisers of others may call us after this. */
static int close_holder(lua_State *L) {
  holder *own = lua_touserdata(L, 1);
  if (own != NULL) {
    release(own);
    own->is_closed = 1;
  }
  return 0;
}

static void push_holder(lua_State *L) {
  holder *own = lua_newuserdata(L, sizeof *own);
  own->is_closed = 0;
  lua_newtable(L);
  lua_pushcfunction(L, close_holder);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
}

void np_add_interrupts(lua_State *L) {
  static const luaL_Reg functions[] = {{"hold_interrupts", hold_interrupts},
                                       {"release_interrupts", release_interrupts},
                                       {"was_interrupted", was_interrupted},
                                       {NULL, NULL}};
  push_holder(L);
  for (const luaL_Reg *function = functions; function->name != NULL; function++) {
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, function->func, 1);
    lua_setfield(L, -3, function->name);
  }
  lua_pop(L, 1);
}
