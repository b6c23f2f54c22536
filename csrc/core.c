/* numberpool.core: the pool userdata and the operation table, without any I/O.
 *
 * core.operations is a list of the rows, and has each by "object.name", too. core.install(make) calls make(operation)
 * for each row of a pool's and keeps the method that it returns in core.pool_methods: the methods of every pool. */
#include "answer.h"
#include "ascii.h"
#include "base64.h"
#include "compat.h"
#include "json.h"
#include "message.h"
#include "operation.h"
#include "pool.h"
#include "redact.h"
#include "request.h"

static const char cjson_is_missing[] =
    "numberpool needs lua-cjson: install it with your system's packages (Debian: apt-get install lua-cjson) "
    "or with LuaRocks (luarocks install lua-cjson)";

/* Pushes an instance of lua-cjson of our own, whose settings nobody else changes. It writes what is sent; json.c reads
 * answers. */
static void open_cjson(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  if (lua_pcall(L, 1, 1, 0) != 0 || !lua_istable(L, -1)) {
    const char *why = lua_isstring(L, -1) ? lua_tostring(L, -1) : "it is no table";
    luaL_error(L, "%s\n%s", cjson_is_missing, why);
  }
  lua_getfield(L, -1, "new");
  lua_call(L, 0, 1);
  lua_remove(L, -2);
}

static void set_string(lua_State *L, const char *field, const char *value) {
  if (value == NULL) return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

static void push_parameters(lua_State *L, const np_operation *operation) {
  int i = 1;
  lua_newtable(L);
  for (const np_parameter *p = operation->parameters; p->name != NULL; p++) {
    lua_pushstring(L, p->name);
    lua_rawseti(L, -2, i++);
  }
}

/* Pushes the row as a table, with the three functions that are made for it. */
static void push_operation(lua_State *L, int row, int cjson) {
  static const luaL_Reg functions[] = {{"build", np_build_request}, {"check", np_check_options}, {NULL, NULL}};
  static const char *const verifications[] = {NULL, "path", "name"};
  const np_operation *operation = &np_operations[row];
  lua_newtable(L);
  set_string(L, "name", operation->name);
  set_string(L, "object", np_object_name(operation->object));
  set_string(L, "method", operation->method);
  set_string(L, "verification", verifications[operation->verification]);
  set_string(L, "verified_by", operation->verified_by);
  set_string(L, "section", operation->section);
  if (operation->target != NP_NO_TARGET) set_string(L, "target", np_target_name(operation->target));
  lua_pushboolean(L, np_is_change(operation));
  lua_setfield(L, -2, "change");
  lua_pushboolean(L, operation->result == NP_LIST);
  lua_setfield(L, -2, "lists");
  push_parameters(L, operation);
  lua_setfield(L, -2, "parameters");
  for (const luaL_Reg *function = functions; function->name != NULL; function++) {
    lua_pushinteger(L, row);
    lua_getfield(L, cjson, "encode");
    lua_pushcclosure(L, function->func, 2);
    lua_setfield(L, -2, function->name);
  }
  lua_pushinteger(L, row);
  lua_pushcclosure(L, np_decode_answer, 1);
  lua_setfield(L, -2, "decode");
}

static void push_operations(lua_State *L, int cjson) {
  lua_newtable(L);
  for (int row = 0; np_operations[row].name != NULL; row++) {
    push_operation(L, row, cjson);
    lua_pushfstring(L, "%s.%s", np_object_name(np_operations[row].object), np_operations[row].name);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    lua_rawseti(L, -2, row + 1);
  }
}

/* Upvalues: 1 a pool's methods, 2 the operations. */
static int install(lua_State *L) {
  int rows = (int)lua_rawlen(L, lua_upvalueindex(2));
  luaL_checktype(L, 1, LUA_TFUNCTION);
  for (int row = 1; row <= rows; row++) {
    if (np_operations[row - 1].object != NP_OF_POOL) continue;
    lua_pushvalue(L, 1);
    lua_rawgeti(L, lua_upvalueindex(2), row);
    lua_call(L, 1, 1);
    lua_setfield(L, lua_upvalueindex(1), np_operations[row - 1].name);
  }
  return 0;
}

static int is_identifier(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_pushboolean(L, np_is_identifier(text, length));
  return 1;
}

/* (text, most) → what the JSON says, or nil and what is wrong with it: more than `most` entries are, too. */
static int decode(lua_State *L) {
  size_t length;
  const char *text;
  lua_Integer most = luaL_optinteger(L, 2, 0);
  luaL_checktype(L, 1, LUA_TSTRING);
  text = lua_tolstring(L, 1, &length);
  if (np_decode_json(L, text, length, (size_t)most)) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static int shown(lua_State *L) {
  luaL_checkany(L, 1);
  np_push_shown(L, 1);
  return 1;
}

NP_EXPORT int luaopen_numberpool_core(lua_State *L);

int luaopen_numberpool_core(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"base64", np_base64},     {"decode", decode},    {"is_identifier", is_identifier},
      {"one_line", np_one_line}, {"pool", np_pool_new}, {"pool_client", np_pool_client},
      {"redactor", np_redactor}, {"shown", shown},      {NULL, NULL},
  };
  int core, cjson;
  lua_newtable(L);
  core = lua_gettop(L);
  np_setfuncs(L, functions);
  open_cjson(L);
  cjson = lua_gettop(L);

  np_pool_open(L); /* methods */
  lua_pushvalue(L, -1);
  lua_setfield(L, core, "pool_methods");
  push_operations(L, cjson); /* methods operations */
  lua_pushvalue(L, -1);
  lua_setfield(L, core, "operations");
  lua_pushcclosure(L, install, 2);
  lua_setfield(L, core, "install");
  lua_settop(L, core);
  return 1;
}
