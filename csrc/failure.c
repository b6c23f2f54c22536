/* What a transfer without an answer gives to Lua. The kind of a failure decides what may be sent again. */
#include "failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whether the connection was lost during the handshake. libcurl has the same code for that and for a certificate that
 * isn't trusted: only the message tells. */
static int is_lost_handshake(const np_transfer *transfer) {
  return transfer->code == CURLE_SSL_CONNECT_ERROR && (strstr(transfer->message, "SSL_ERROR_SYSCALL") != NULL ||
                                                       strstr(transfer->message, strerror(ECONNRESET)) != NULL ||
                                                       strstr(transfer->message, "unexpected eof") != NULL);
}

/* Whether a chunk of the answer isn't one. libcurl has the same code for that and for a lost connection. */
static int is_wrong_chunk(const np_transfer *transfer) {
  return transfer->code == CURLE_RECV_ERROR && strstr(transfer->message, "chunk") != NULL;
}

/* The status of a proxy's answer to CONNECT; 0 where there was none. */
static long tunnel_status(const np_transfer *transfer) {
  long status = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

#define PROXY_AUTHENTICATION_REQUIRED 407

/* Whether a proxy wants other credentials, which it will at the next try, too. */
static int is_refused_by_proxy(const np_transfer *transfer) {
  return !np_transfer_was_sent(transfer) && tunnel_status(transfer) == PROXY_AUTHENTICATION_REQUIRED;
}

static const char *kind_of(const np_transfer *transfer) {
  if (transfer->stop == NP_SENT_TWICE) return "network";
  if (transfer->stop != NP_NOT_STOPPED) return "protocol";
  if (is_refused_by_proxy(transfer)) return "rejected";
  if (is_lost_handshake(transfer)) return "network";
  if (is_wrong_chunk(transfer)) return "protocol";
  switch (transfer->code) {
    case CURLE_OPERATION_TIMEDOUT: return "timeout";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT: return "tls";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* an answer of HTTP/0.9 */
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR: return "protocol";
    case CURLE_ABORTED_BY_CALLBACK: return "closed";
    default: return "network";
  }
}

static void push_message(lua_State *L, const np_transfer *transfer) {
  char text[24];
  switch (transfer->stop) {
    case NP_BODY_TOO_LARGE:
      snprintf(text, sizeof text, "%zu", transfer->session->max_body);
      lua_pushfstring(L, "the answer is larger than max_body (%s bytes)", text);
      return;
    case NP_HEADERS_TOO_LARGE: lua_pushliteral(L, "the answer's headers are too large"); return;
    case NP_NO_MEMORY: lua_pushliteral(L, "not enough memory for the answer"); return;
    case NP_SENT_TWICE:
    case NP_UNASKED:
    case NP_NOT_STOPPED: break;
  }
  if (transfer->stop == NP_SENT_TWICE || transfer->code == CURLE_SEND_FAIL_REWIND) {
    lua_pushliteral(L, "the connection was lost after the request was sent and before an answer came");
  } else if (transfer->code == CURLE_ABORTED_BY_CALLBACK) {
    lua_pushliteral(L, NP_WAS_CLOSED);
  } else if (transfer->message[0] != '\0') {
    lua_pushstring(L, transfer->message);
  } else {
    lua_pushstring(L, curl_easy_strerror(transfer->code));
  }
}

int np_push_failure(lua_State *L, const np_transfer *transfer, long status) {
  if (is_refused_by_proxy(transfer)) status = PROXY_AUTHENTICATION_REQUIRED;
  lua_pushnil(L);
  lua_pushstring(L, kind_of(transfer));
  push_message(L, transfer);
  lua_pushboolean(L, np_transfer_was_sent(transfer));
  if (status >= 200) { /* less is no answer yet */
    lua_pushinteger(L, (lua_Integer)status);
  } else {
    lua_pushnil(L);
  }
  lua_pushboolean(L, transfer->is_reused);
  return 6;
}
