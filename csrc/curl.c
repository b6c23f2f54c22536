/* numberpool.curl: HTTP transfers on libcurl for Lua. Knows nothing of pools.
 *
 *   session = curl.open { origin, headers, body_headers, connect_timeout, max_body, ca_file, proxy, proxy_credentials }
 *   session:keep_connections(count): so many that are idle
 *   sent, received, connections = session:counters(): bytes, and how many were opened
 *   transfer = session:transfer(): for one request after another; or nil and why not
 *
 *   is_under_way = transfer:start(method, path, body, deadline, id, is_fresh, is_large): false where it is done at
 * once; or nil and why not. Steps don't tell of an id of 0. A large one asks for a compressed answer.
 *
 *   count = session:step(milliseconds, ids): writes the ids of what it finished into the table; nil once closed
 *   is_done = transfer:done()
 *
 *   status, body, content_type, retry_after, location, is_reused = transfer:result()
 *   nil, kind, message, sent, status, is_reused = transfer:result()
 *
 *   transfer:discard(): nothing more is sent on the connection of the last answer
 *   transfer:cancel()
 *
 *   { code, address, found, connected, secured, answered, status, tunnel_status, date } = transfer:details(): how far
 * it came: libcurl's code, 0 for an answer; when, in seconds from its start, the name was found, the connection made
 *     and secured, and the answer begun; the date of the answer, in seconds from 1970. Left out: what there wasn't.
 *   { version, tls, ca_file, ca_folder } = curl.version()
 *
 *   curl.now(), curl.nap(seconds), curl.random(); and what interrupt.h adds
 *
 * Nothing here yields, waits longer than a step or retries: Lua does. */

/* Flags of a build may name other levels. */
#undef _POSIX_SOURCE
#undef _POSIX_C_SOURCE
#undef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* strdup, clock_gettime, erand48 */

#include <curl/curl.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "details.h"
#include "failure.h"
#include "interrupt.h"
#include "transfer.h"

#define SESSION_TYPE "numberpool.curl.session"
#define TRANSFER_TYPE "numberpool.curl.transfer"

static np_session *check_session(lua_State *L) { return luaL_checkudata(L, 1, SESSION_TYPE); }

static const char is_closed[] = "the client is closed";

/* Why the session can't be used, or NULL. */
static const char *unusable(const np_session *session) {
  if (session->multi == NULL) return is_closed;
  if (np_session_is_foreign(session)) {
    return "this process was forked after the client was made: make a new client in it";
  }
  return NULL;
}

static int return_unusable(lua_State *L, const char *why) {
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static char *copy_field(lua_State *L, const char *field) {
  char *copy = NULL;
  lua_getfield(L, 1, field);
  if (!lua_isnil(L, -1)) {
    copy = strdup(luaL_checkstring(L, -1));
    if (copy == NULL) luaL_error(L, "not enough memory");
  }
  lua_pop(L, 1);
  return copy;
}

static lua_Number number_field(lua_State *L, const char *field) {
  lua_Number number;
  lua_getfield(L, 1, field);
  number = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return number;
}

/* The session owns each header at once: what comes next may raise. */
static void add_header(lua_State *L, const char *header, struct curl_slist **headers) {
  struct curl_slist *longer = curl_slist_append(*headers, header);
  if (longer == NULL) luaL_error(L, "not enough memory");
  *headers = longer;
}

/* Appends the list in the field to the headers. */
static void add_headers(lua_State *L, const char *field, struct curl_slist **headers) {
  lua_getfield(L, 1, field);
  luaL_checktype(L, -1, LUA_TTABLE);
  int count = (int)lua_rawlen(L, -1);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, -1, i);
    add_header(L, luaL_checkstring(L, -1), headers);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* Whether libcurl can use the address of a proxy, which has no credentials in it. */
static int can_use_proxy(const char *address) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  CURLU *url;
  int is_url;
  if (address == NULL || *address == '\0') return 1;
  if (strncmp(address, "https:", 6) == 0 && !(info->features & CURL_VERSION_HTTPS_PROXY)) return 0;
  url = curl_url();
  is_url = url != NULL && curl_url_set(url, CURLUPART_URL, address, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  curl_url_cleanup(url);
  return is_url;
}

static int open_session(lua_State *L) {
  np_session *session;
  luaL_checktype(L, 1, LUA_TTABLE);
  session = lua_newuserdata(L, sizeof *session);
  memset(session, 0, sizeof *session);
  luaL_getmetatable(L, SESSION_TYPE);
  lua_setmetatable(L, -2);
  if (!np_session_open(session)) {
    lua_pushnil(L);
    lua_pushliteral(L, "libcurl can't be set up");
    return 2;
  }
  session->origin = copy_field(L, "origin");
  session->ca_file = copy_field(L, "ca_file");
  session->proxy = copy_field(L, "proxy");
  session->proxy_credentials = copy_field(L, "proxy_credentials");
  if (!can_use_proxy(session->proxy)) {
    lua_pushnil(L);
    lua_pushfstring(L, "proxy: libcurl can't use %s", session->proxy);
    return 2;
  }
  session->connect_timeout = (long)(number_field(L, "connect_timeout") * 1000);
  session->max_body = (size_t)number_field(L, "max_body");
  add_headers(L, "headers", &session->headers);
  add_headers(L, "headers", &session->gzip_headers);
  add_headers(L, "headers", &session->body_headers);
  add_headers(L, "body_headers", &session->body_headers);
  /* Without a value libcurl leaves its own out: to unpack a small answer costs more than it saves. */
  add_header(L, "Accept-Encoding:", &session->headers);
  add_header(L, "Accept-Encoding: gzip", &session->gzip_headers);
  add_header(L, "Accept-Encoding:", &session->body_headers);
  lua_createtable(L, 1, 0); /* what each transfer refers to, so that the session outlives it */
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, 1);
  np_setreference(L, -2);
  return 1;
}

static int close_session(lua_State *L) {
  np_session_close(luaL_checkudata(L, 1, SESSION_TYPE));
  return 0;
}

static int keep_connections(lua_State *L) {
  np_session *session = check_session(L);
  long connections = (long)luaL_checkinteger(L, 2);
  if (unusable(session) == NULL) curl_multi_setopt(session->multi, CURLMOPT_MAXCONNECTS, connections);
  return 0;
}

static int read_counters(lua_State *L) {
  const np_session *session = check_session(L);
  lua_pushnumber(L, session->bytes_sent);
  lua_pushnumber(L, session->bytes_received);
  lua_pushnumber(L, session->connections);
  return 3;
}

static int new_transfer(lua_State *L) {
  np_session *session = check_session(L);
  const char *why = unusable(session);
  np_transfer *transfer;
  if (why != NULL) return return_unusable(L, why);
  transfer = lua_newuserdata(L, sizeof *transfer);
  memset(transfer, 0, sizeof *transfer);
  luaL_getmetatable(L, TRANSFER_TYPE);
  lua_setmetatable(L, -2);
  np_getreference(L, 1);
  np_setreference(L, -2);
  if (!np_transfer_open(transfer, session)) return luaL_error(L, "not enough memory");
  return 1;
}

static np_transfer *check_transfer(lua_State *L) { return luaL_checkudata(L, 1, TRANSFER_TYPE); }

/* Why the transfer can't be used, or NULL. Finalisers run in any order: another one may call us after the transfer's
 * own, and then its session may be gone. */
static const char *unusable_transfer(const np_transfer *transfer) {
  return transfer->easy == NULL ? is_closed : unusable(transfer->session);
}

/* The deadline is in seconds on the clock of `now`. */
static int start_transfer(lua_State *L) {
  np_transfer *transfer = check_transfer(L);
  const char *method = luaL_checkstring(L, 2);
  const char *path = luaL_checkstring(L, 3);
  size_t length;
  const char *body = luaL_optlstring(L, 4, "", &length);
  lua_Number deadline = luaL_checknumber(L, 5);
  long id = (long)luaL_checkinteger(L, 6);
  const char *why = unusable_transfer(transfer);
  if (why != NULL) return return_unusable(L, why);
  transfer->id = id;
  np_transfer_start(transfer, method, path, body, length, deadline, lua_toboolean(L, 7), lua_toboolean(L, 8));
  lua_pushboolean(L, !transfer->is_done);
  return 1;
}

static int step_session(lua_State *L) {
  np_session *session = check_session(L);
  int milliseconds = (int)luaL_checkinteger(L, 2);
  int count;
  luaL_checktype(L, 3, LUA_TTABLE);
  if (unusable(session) != NULL) return 0;
  if (np_session_step(session, milliseconds) < 0) return luaL_error(L, "libcurl's multi interface failed");
  count = (int)(session->finished.length / sizeof(long));
  for (int i = 0; i < count; i++) {
    long id;
    memcpy(&id, session->finished.bytes + (size_t)i * sizeof id, sizeof id);
    lua_pushinteger(L, (lua_Integer)id);
    lua_rawseti(L, 3, i + 1);
  }
  lua_pushinteger(L, count);
  return 1;
}

static int is_done(lua_State *L) {
  const np_transfer *transfer = check_transfer(L);
  lua_pushboolean(L, transfer->easy == NULL || transfer->is_done || np_session_is_foreign(transfer->session));
  return 1;
}

static int cancel_transfer(lua_State *L) {
  np_transfer *transfer = check_transfer(L);
  if (unusable_transfer(transfer) == NULL) np_transfer_stop(transfer);
  return 0;
}

static int discard_connection(lua_State *L) {
  np_transfer *transfer = check_transfer(L);
  if (unusable_transfer(transfer) == NULL) np_transfer_discard(transfer);
  return 0;
}

static int close_transfer(lua_State *L) {
  np_transfer *transfer = check_transfer(L);
  if (transfer->easy != NULL && !np_session_is_foreign(transfer->session)) np_transfer_close(transfer);
  return 0;
}

static void push_retry_after(lua_State *L, const np_transfer *transfer) {
  curl_off_t seconds = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &seconds);
  if (seconds == 0 && !transfer->retry_after_is_zero) {
    lua_pushnil(L);
  } else {
    lua_pushinteger(L, seconds > 0 ? (lua_Integer)seconds : 0); /* a date may have passed */
  }
}

static int push_answer(lua_State *L, const np_transfer *transfer, long status) {
  const char *content_type = NULL;
  const char *location = NULL;
  curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &content_type);
  lua_pushinteger(L, (lua_Integer)status);
  lua_pushlstring(L, transfer->body.length > 0 ? transfer->body.bytes : "", transfer->body.length);
  lua_pushstring(L, content_type);
  push_retry_after(L, transfer);
  if (status >= 300 && status < 400) curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &location);
  lua_pushstring(L, location);
  lua_pushboolean(L, transfer->is_reused);
  return 6;
}

static int push_closed(lua_State *L, const char *message, int was_sent) {
  lua_pushnil(L);
  lua_pushliteral(L, "closed");
  lua_pushstring(L, message);
  lua_pushboolean(L, was_sent);
  return 4;
}

static int read_result(lua_State *L) {
  const np_transfer *transfer = check_transfer(L);
  long status = 0;
  luaL_checkstack(L, 8, "numberpool result");
  if (transfer->easy == NULL) {
    return push_closed(L, transfer->was_sent ? NP_WAS_CLOSED : is_closed, transfer->was_sent);
  } else if (!transfer->is_done && np_session_is_foreign(transfer->session)) {
    return push_closed(L, unusable(transfer->session), 1); /* the process that this one was forked from has sent it */
  }
  if (!transfer->is_done) return luaL_error(L, "the transfer isn't done");
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  if (transfer->code == CURLE_OK && transfer->stop == NP_NOT_STOPPED) return push_answer(L, transfer, status);
  return np_push_failure(L, transfer, status);
}

static int read_details(lua_State *L) {
  const np_transfer *transfer = check_transfer(L);
  luaL_checkstack(L, 8, "numberpool details");
  if (unusable_transfer(transfer) != NULL || !transfer->is_done) return luaL_error(L, "the transfer isn't done");
  np_push_details(L, transfer);
  return 1;
}

static int now(lua_State *L) {
  lua_pushnumber(L, np_now());
  return 1;
}

/* Sleeps for so many seconds, or until a signal. */
static int nap(lua_State *L) {
  lua_Number seconds = luaL_checknumber(L, 1);
  struct timespec time;
  if (seconds > 0) {
    time.tv_sec = (time_t)seconds;
    time.tv_nsec = (long)((seconds - floor(seconds)) * 1e9);
    nanosleep(&time, NULL);
  }
  return 0;
}

typedef struct generator {
  unsigned short state[3];
  pid_t seeded_by;
} generator;

/* Pushes a number from 0 to 1, without 1. Upvalue 1: a generator of this Lua state's own, since math.random's seed
 * belongs to the script. A forked process seeds it again. */
static int random_number(lua_State *L) {
  generator *own = lua_touserdata(L, lua_upvalueindex(1));
  if (own->seeded_by != getpid()) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    own->seeded_by = getpid();
    own->state[0] = (unsigned short)(own->seeded_by ^ (uintptr_t)own >> 4);
    own->state[1] = (unsigned short)time.tv_nsec;
    own->state[2] = (unsigned short)(time.tv_nsec >> 16 ^ time.tv_sec);
  }
  lua_pushnumber(L, erand48(own->state));
  return 1;
}

static void push_random(lua_State *L) {
  generator *own = lua_newuserdata(L, sizeof *own);
  memset(own, 0, sizeof *own);
  lua_pushcclosure(L, random_number, 1);
}

/* Only one thread at a time may set libcurl up. */
static pthread_once_t setting_up = PTHREAD_ONCE_INIT;
static CURLcode set_up_code;

static void set_up(void) { set_up_code = curl_global_init(CURL_GLOBAL_DEFAULT); }

NP_EXPORT int luaopen_numberpool_curl(lua_State *L);

static void new_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction finaliser) {
  luaL_newmetatable(L, type);
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__name");
  lua_pushcfunction(L, finaliser);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  np_setfuncs(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

int luaopen_numberpool_curl(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"nap", nap}, {"now", now}, {"open", open_session}, {"version", np_version}, {NULL, NULL}};
  static const luaL_Reg session_methods[] = {
      {"close", close_session}, {"counters", read_counters}, {"keep_connections", keep_connections},
      {"step", step_session},   {"transfer", new_transfer},  {NULL, NULL}};
  static const luaL_Reg transfer_methods[] = {{"cancel", cancel_transfer},
                                              {"details", read_details},
                                              {"discard", discard_connection},
                                              {"done", is_done},
                                              {"result", read_result},
                                              {"start", start_transfer},
                                              {NULL, NULL}};
  pthread_once(&setting_up, set_up);
  if (set_up_code != CURLE_OK) return luaL_error(L, "libcurl can't be set up");
  new_type(L, SESSION_TYPE, session_methods, close_session);
  new_type(L, TRANSFER_TYPE, transfer_methods, close_transfer);
  lua_newtable(L);
  np_setfuncs(L, functions);
  push_random(L);
  lua_setfield(L, -2, "random");
  np_add_interrupts(L);
  return 1;
}
