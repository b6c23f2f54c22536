/* What a look at the way to a server wants to know: of a transfer that is done, and of libcurl itself. */
#include "details.h"

static void set_text(lua_State *L, const char *field, const char *value) {
  if (value == NULL || *value == '\0') return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

static void set_long(lua_State *L, const char *field, long value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, field);
}

/* libcurl's texts, of which some are 0 where it doesn't know. */
static void set_text_info(lua_State *L, const char *field, CURL *easy, CURLINFO info) {
  const char *value = NULL;
  if (curl_easy_getinfo(easy, info, &value) == CURLE_OK) set_text(L, field, value);
}

static void set_long_info(lua_State *L, const char *field, CURL *easy, CURLINFO info) {
  long value = 0;
  if (curl_easy_getinfo(easy, info, &value) == CURLE_OK && value != 0) set_long(L, field, value);
}

/* When a step was done, in seconds from the start. Left out where it wasn't. */
static void set_time_info(lua_State *L, const char *field, CURL *easy, CURLINFO info) {
  double seconds = 0;
  if (curl_easy_getinfo(easy, info, &seconds) != CURLE_OK || seconds <= 0) return;
  lua_pushnumber(L, seconds);
  lua_setfield(L, -2, field);
}

/* A date that libcurl can't read is -1. */
static void set_date(lua_State *L, const char *text) {
  time_t date = *text == '\0' ? -1 : curl_getdate(text, NULL);
  if (date == -1) return;
  lua_pushnumber(L, (lua_Number)date);
  lua_setfield(L, -2, "date");
}

void np_push_details(lua_State *L, const np_transfer *transfer) {
  CURL *easy = transfer->easy;
  lua_newtable(L);
  set_long(L, "code", (long)transfer->code);
  set_text_info(L, "address", easy, CURLINFO_PRIMARY_IP);
  set_time_info(L, "found", easy, CURLINFO_NAMELOOKUP_TIME);
  set_time_info(L, "connected", easy, CURLINFO_CONNECT_TIME);
  set_time_info(L, "secured", easy, CURLINFO_APPCONNECT_TIME);
  set_time_info(L, "answered", easy, CURLINFO_STARTTRANSFER_TIME);
  set_long_info(L, "status", easy, CURLINFO_RESPONSE_CODE);
  set_long_info(L, "tunnel_status", easy, CURLINFO_HTTP_CONNECTCODE);
  set_date(L, transfer->date);
}

int np_version(lua_State *L) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  lua_newtable(L);
  set_text(L, "version", info->version);
  set_text(L, "tls", info->ssl_version);
#if LIBCURL_VERSION_NUM >= 0x074600
  if (info->age >= CURLVERSION_SEVENTH) {
    set_text(L, "ca_file", info->cainfo);
    set_text(L, "ca_folder", info->capath);
  }
#endif
  return 1;
}
