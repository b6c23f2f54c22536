/* Requests: path, query and body of one call, from a row of the operation table and the call's arguments.
 *
 * A request is a table with path, path_without_query, body, is_irrevocable, target, timeout, retries, limit, offset and
 * name, each absent where there is none. path_without_query is there where a change's path has a query: what was
 * changed is read there. A change always has a body, by which transfer.c tells it from a read. */
#include "request.h"

#include <string.h>

#include "check.h"
#include "message.h"
#include "operation.h"
#include "pool.h"
#include "value.h"

#define SELF 1
#define PREFIX 2
#define FIRST_ARGUMENT 3

#define STACK 24 /* slots that any of this takes */

/* Room for the prefix, which clients keep short, and two identifiers. */
#define MAX_PATH_LENGTH 1024

/* Pushes the prefix and the path, with pool and target in their places. */
static void push_path(lua_State *L, const char *path, const char *pool, const char *target) {
  char expanded[MAX_PATH_LENGTH];
  size_t used;
  const char *prefix = lua_tolstring(L, PREFIX, &used);
  if (used + strlen(path) + 2 * NP_MAX_IDENTIFIER >= sizeof expanded) luaL_error(L, "the client's prefix is too long");
  memcpy(expanded, prefix, used);
  while (*path != '\0') {
    const char *part = path;
    size_t length = strcspn(path, "{");
    if (length == 0) {
      part = strncmp(path, "{pool}", 6) == 0 ? pool : target;
      length = strlen(part);
      path = strchr(path, '}') + 1;
    } else {
      path += length;
    }
    memcpy(expanded + used, part, length);
    used += length;
  }
  lua_pushlstring(L, expanded, used);
}

/* Returns nil and the message at the top: what a caller gets for a value that can't be right. */
static int return_invalid(lua_State *L) {
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

/* Pushes what stands before an option's value. */
static void push_name(lua_State *L, const np_parameter *parameter, np_form form, int is_first) {
  if (form == NP_IN_BODY) {
    lua_pushfstring(L, "%s\"%s\":", is_first ? "{" : ",", parameter->wire);
  } else {
    lua_pushfstring(L, "%s%s=", is_first ? "?" : "&", parameter->wire);
  }
}

/* Appends each option that is given to the string at the top and returns 1, or pushes what is wrong with one and
 * returns 0. */
static int append_options(lua_State *L, const np_operation *operation, int options, np_form form) {
  int is_first = operation->always_sent == NULL;
  if (!is_first) {
    lua_pushfstring(L, "%s%s", form == NP_IN_BODY ? "{" : "?", operation->always_sent);
    lua_concat(L, 2);
  }
  for (const np_parameter *p = operation->parameters; options != 0 && p->name != NULL; p++) {
    np_get_raw(L, options, p->name);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    if (!np_push_option(L, operation->name, p, -1, form)) return 0;
    lua_remove(L, -2);
    push_name(L, p, form, is_first);
    lua_insert(L, -2);
    lua_concat(L, 3);
    is_first = 0;
  }
  if (form == NP_IN_BODY) {
    lua_pushstring(L, is_first ? "{}" : "}");
    lua_concat(L, 2);
  }
  return 1;
}

/* Appends a change's flags that go into the query as well to the path at the top. Returns whether there are any. */
static int append_flags(lua_State *L, const np_operation *operation, int options) {
  int count = 0;
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    if (p->place != NP_BOTH_IF_TRUE) continue;
    np_get_raw(L, options, p->name);
    int is_set = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (!is_set) continue;
    push_name(L, p, NP_IN_QUERY, count++ == 0);
    lua_pushliteral(L, "true");
    lua_concat(L, 3);
  }
  return count > 0;
}

/* Sets the path at the top, a change's, in the request below it: with a query, and without where there is one. What
 * rents a number (the only change with something that is always sent) costs money, and what releases one (the only
 * flags in a query) can't be undone. */
static void set_path_of_change(lua_State *L, const np_operation *operation, int options) {
  int is_irrevocable = operation->always_sent != NULL;
  lua_pushvalue(L, -1);
  if (append_flags(L, operation, options)) {
    lua_setfield(L, -3, "path");
    lua_setfield(L, -2, "path_without_query");
    is_irrevocable = 1;
  } else {
    lua_pop(L, 1);
    lua_setfield(L, -2, "path");
  }
  if (!is_irrevocable) return;
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "is_irrevocable");
}

static int has_parameter(const np_operation *operation, np_type type) {
  const np_parameter *p = operation->parameters;
  while (p->name != NULL && p->type != type) p++;
  return p->name != NULL;
}

static int is_given(lua_State *L, int options, const char *name) {
  np_get_raw(L, options, name);
  int given = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return given;
}

/* Whether the option is "none", which unlinks an application. */
static int is_none(lua_State *L, int options, const char *name) {
  np_get_raw(L, options, name);
  int none = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "none") == 0;
  lua_pop(L, 1);
  return none;
}

/* Returns 1, or pushes what is wrong with the options together, by the vendor's reference, and returns 0. */
static int check_together(lua_State *L, const np_operation *operation, int options) {
  if (has_parameter(operation, NP_PREFIXES) && is_given(L, options, "starts_with") &&
      !is_given(L, options, "country_iso2")) {
    lua_pushliteral(L, "starts_with: expected country_iso2 beside it, got none");
    return 0;
  }
  if (operation->verification == NP_VERIFIED_BY_NAME && is_given(L, options, "application_id") &&
      !is_given(L, options, "application_type") && !is_none(L, options, "application_id")) {
    lua_pushliteral(L, "application_id: expected application_type beside it, got none");
    return 0;
  }
  return 1;
}

/* Reads the options that aren't sent, and sets them in the table at `request`, if that isn't 0. Returns 1, or pushes
 * what is wrong with one and returns 0. */
static int read_call_options(lua_State *L, int options, int request) {
  np_get_raw(L, options, "timeout");
  if (!lua_isnil(L, -1)) {
    if (!np_check_timeout(L, lua_gettop(L))) return 0;
    if (request != 0) lua_setfield(L, request, "timeout");
  }
  np_get_raw(L, options, "retries");
  if (!lua_isnil(L, -1)) {
    if (!np_check_retries(L, lua_gettop(L))) return 0;
    if (request != 0) lua_setfield(L, request, "retries");
  }
  return 1;
}

/* Sets what isn't sent but steers the call in the request at the top and returns 1, or pushes what is wrong with it and
 * returns 0. */
static int set_call_options(lua_State *L, const np_operation *operation, int options) {
  int request = lua_gettop(L);
  if (!read_call_options(L, options, request)) return 0;
  if (operation->result == NP_LIST) {
    np_get_raw(L, options, "limit");
    lua_setfield(L, request, "limit");
    np_get_raw(L, options, "offset");
    lua_setfield(L, request, "offset");
  }
  if (operation->verification == NP_VERIFIED_BY_NAME) {
    np_get_raw(L, options, "name");
    lua_setfield(L, request, "name");
  }
  lua_settop(L, request);
  return 1;
}

int np_build_request(lua_State *L) {
  const np_operation *operation = &np_operations[lua_tointeger(L, lua_upvalueindex(1))];
  int options = FIRST_ARGUMENT + (operation->target != NP_NO_TARGET);
  char target[NP_MAX_IDENTIFIER + 1];
  const char *pool = "";

  lua_settop(L, options);
  luaL_checkstack(L, STACK, "numberpool request");
  if (operation->object == NP_OF_POOL) pool = np_pool_uuid(L, SELF, operation->name);
  np_check_target_type(L, operation, FIRST_ARGUMENT);
  np_check_option_types(L, operation, operation->name, options);
  if (lua_type(L, PREFIX) != LUA_TSTRING) return np_raise_type(L, operation->name, "client's prefix", "string", PREFIX);
  if (lua_isnil(L, options)) options = 0;
  if (!np_read_target(L, operation, FIRST_ARGUMENT, target)) return return_invalid(L);

  lua_createtable(L, 0, 4);
  push_path(L, operation->path, pool, target);
  if (np_is_change(operation)) {
    set_path_of_change(L, operation, options);
    lua_pushliteral(L, "");
    if (!append_options(L, operation, options, NP_IN_BODY)) return return_invalid(L);
    lua_setfield(L, -2, "body");
  } else {
    if (!append_options(L, operation, options, NP_IN_QUERY)) return return_invalid(L);
    lua_setfield(L, -2, "path");
  }
  if (target[0] != '\0') {
    lua_pushstring(L, target);
    lua_setfield(L, -2, "target");
  }
  if (options == 0) return 1;
  if (!check_together(L, operation, options)) return return_invalid(L);
  return set_call_options(L, operation, options) ? 1 : return_invalid(L);
}

int np_check_options(lua_State *L) {
  const np_operation *operation = &np_operations[lua_tointeger(L, lua_upvalueindex(1))];
  const char *method = luaL_optstring(L, 2, operation->name);

  lua_settop(L, 2);
  luaL_checkstack(L, STACK, "numberpool options");
  np_check_option_types(L, operation, method, 1);
  if (lua_istable(L, 1)) {
    for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
      np_get_raw(L, 1, p->name);
      if (!lua_isnil(L, -1) && !np_push_option(L, method, p, -1, NP_IN_QUERY)) return return_invalid(L);
      lua_settop(L, 2);
    }
    if (!check_together(L, operation, 1) || !read_call_options(L, 1, 0)) return return_invalid(L);
  }
  lua_pushboolean(L, 1);
  return 1;
}
