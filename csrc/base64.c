/* Base64 for the Authorization header: RFC 4648, section 4. */
#include "base64.h"

int np_base64(lua_State *L) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t length;
  const unsigned char *text = (const unsigned char *)luaL_checklstring(L, 1, &length);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (size_t i = 0; i < length; i += 3) {
    size_t left = length - i;
    unsigned long bits = (unsigned long)text[i] << 16;
    if (left > 1) bits |= (unsigned long)text[i + 1] << 8;
    if (left > 2) bits |= text[i + 2];
    luaL_addchar(&buffer, alphabet[bits >> 18]);
    luaL_addchar(&buffer, alphabet[(bits >> 12) & 63]);
    luaL_addchar(&buffer, left > 1 ? alphabet[(bits >> 6) & 63] : '=');
    luaL_addchar(&buffer, left > 2 ? alphabet[bits & 63] : '=');
  }
  luaL_pushresult(&buffer);
  return 1;
}
