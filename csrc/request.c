/* Requests: path, query and body of one call, from a row of the operation table and checked arguments.
 *
 * A request is a table { path, plain_path, body, is_irrevocable, target, timeout, retries, limit, offset, name }, each
 * absent where there is none; plain_path is a change's path where a query is in `path`, too: what it changed is read
 * there. A change always has a body, which transfer.c knows it by. */
#include "request.h"

#include <string.h>

#include "arguments.h"
#include "operation.h"
#include "pool.h"

#define SELF 1
#define PREFIX 2
#define FIRST_ARGUMENT 3

/* The prefix and two identifiers of 64 characters fit; client.lua keeps the prefix short. */
#define MAX_PATH_LENGTH 1024

static void expand_path(lua_State *L, const char *path, const char *prefix, const char *pool, const char *target) {
  char expanded[MAX_PATH_LENGTH];
  size_t used = strlen(prefix);
  if (used + strlen(path) + 2 * NP_MAX_UUID >= sizeof expanded) luaL_error(L, "base_url: too long");
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

/* Replaces the message at the top by nil and the message: what a caller gets for a value that can't be right. */
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

/* Appends each option that is given to the string at the top. Returns 0 with a message at the top if one is wrong. */
static int append_options(lua_State *L, const np_operation *operation, int options, np_form form) {
  int is_first = operation->fixed == NULL;
  if (!is_first) {
    lua_pushfstring(L, "%s%s", form == NP_IN_BODY ? "{" : "?", operation->fixed);
    lua_concat(L, 2);
  }
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    np_get_raw(L, options, p->name);
    if (lua_isnil(L, -1)) {
      if (p->required) return np_raise_type(L, operation->name, p->name, "string", -1);
      lua_pop(L, 1);
      continue;
    }
    if (!np_check_option(L, operation, p, -1, form)) return 0;
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

/* Sets the path of a change in the request below it, with and without a query. A number that is rented (the only thing
 * that a change sends by itself) costs money, and one that is released (the only flags in a query) is lost. */
static void set_path_of_change(lua_State *L, const np_operation *operation, int options) {
  int is_irrevocable = operation->fixed != NULL;
  lua_pushvalue(L, -1);
  if (append_flags(L, operation, options)) {
    lua_setfield(L, -3, "path");
    lua_setfield(L, -2, "plain_path");
    is_irrevocable = 1;
  } else {
    lua_pop(L, 1);
    lua_setfield(L, -2, "path");
  }
  if (!is_irrevocable) return;
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "is_irrevocable");
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

/* What the reference says of several options together. */
static const char *wrong_together(lua_State *L, const np_operation *operation, int options) {
  if (is_given(L, options, "starts_with") && !is_given(L, options, "country_iso2")) {
    return "starts_with: expected country_iso2 beside it, got none";
  }
  if (operation->look == NP_LOOK_FOR_NAME && is_given(L, options, "application_id") &&
      !is_given(L, options, "application_type") && !is_none(L, options, "application_id")) {
    return "application_id: expected application_type beside it, got none";
  }
  return NULL;
}

/* Copies what steers this one call into the request at the top. */
static int set_call_options(lua_State *L, const np_operation *operation, int options) {
  int request = lua_gettop(L);
  np_get_raw(L, options, "timeout");
  if (!lua_isnil(L, -1)) {
    if (!np_check_timeout(L, lua_gettop(L))) return 0;
    lua_setfield(L, request, "timeout");
  }
  np_get_raw(L, options, "retries");
  if (!lua_isnil(L, -1)) {
    if (!np_check_retries(L, lua_gettop(L))) return 0;
    lua_setfield(L, request, "retries");
  }
  if (operation->result == NP_LIST) {
    np_get_raw(L, options, "limit");
    lua_setfield(L, request, "limit");
    np_get_raw(L, options, "offset");
    lua_setfield(L, request, "offset");
  }
  if (operation->look == NP_LOOK_FOR_NAME) {
    np_get_raw(L, options, "name");
    lua_setfield(L, request, "name");
  }
  lua_settop(L, request);
  return 1;
}

int np_build_request(lua_State *L) {
  const np_operation *operation = &np_operations[lua_tointeger(L, lua_upvalueindex(1))];
  int options = FIRST_ARGUMENT + (operation->target != NP_NO_TARGET);
  char target[NP_MAX_UUID + 1];
  const char *pool = "";

  lua_settop(L, options);
  luaL_checkstack(L, 24, "numberpool request");
  if (operation->object == NP_OF_POOL) pool = np_pool_uuid(L, SELF);
  np_check_types(L, operation, FIRST_ARGUMENT, options);
  if (lua_type(L, PREFIX) != LUA_TSTRING) {
    return np_raise(L, "%s: the prefix of a client expected, got %s", operation->name, luaL_typename(L, PREFIX));
  }
  if (lua_isnil(L, options)) options = 0;
  if (!np_check_target(L, operation, FIRST_ARGUMENT, target)) return return_invalid(L);

  lua_createtable(L, 0, 4);
  expand_path(L, operation->path, lua_tostring(L, PREFIX), pool, target);
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
  if (options != 0) {
    const char *wrong = wrong_together(L, operation, options);
    if (wrong != NULL) {
      lua_pushnil(L);
      lua_pushstring(L, wrong);
      return 2;
    }
    if (!set_call_options(L, operation, options)) return return_invalid(L);
  }
  return 1;
}
