/* What all transfers of a client share. It doesn't touch Lua: curl.c does. */
#ifndef NP_SESSION_H
#define NP_SESSION_H

#include <curl/curl.h>

#include "buffer.h"
#include "sockets.h"

typedef struct np_transfer np_transfer;

typedef struct np_session {
  CURLM *multi;                    /* NULL once closed */
  struct curl_slist *headers;      /* of a request without a body */
  struct curl_slist *gzip_headers; /* of one that asks for a compressed answer */
  struct curl_slist *body_headers; /* of one with a body */
  char *origin;                    /* scheme://host:port, put before each path */
  char *ca_file;
  char *proxy;             /* "" for none: libcurl doesn't look for one in the environment */
  char *proxy_credentials; /* user:password, percent-encoded; NULL for none */
  long connect_timeout;    /* milliseconds */
  size_t max_body;
  np_buffer finished;                             /* ids of what the last step finished, as longs */
  np_transfer *active;                            /* those in the multi, a list */
  np_transfer *opened;                            /* every one that isn't closed, a list */
  np_sockets sockets;                             /* those that are open */
  int is_guarded;                                 /* libcurl asks before each start of a request: since 7.80 */
  double bytes_sent, bytes_received, connections; /* since the session was opened */
  unsigned generation;                            /* of the process that opened it */
} np_session;

/* Seconds on a clock that nobody sets. */
double np_now(void);

/* Returns 0 where libcurl can't be set up. */
int np_session_open(np_session *session);

/* Closes its transfers, too. A forked process leaves libcurl's part alone. */
void np_session_close(np_session *session);

/* Whether this process was forked from the one that opened it. libcurl isn't fork-safe: nothing of it may be used then.
 */
int np_session_is_foreign(const np_session *session);

/* Sends and receives, and waits up to so many milliseconds where no transfer gets done, or until a signal. Lists those
 * that are done in `finished`. Returns how many they are, or -1 where libcurl fails. */
int np_session_step(np_session *session, int milliseconds);

#endif
