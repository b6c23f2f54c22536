/* One HTTP transfer on libcurl: an easy handle with its buffers, used for one request after another. It doesn't touch
 * Lua: curl.c does. */
#ifndef NP_TRANSFER_H
#define NP_TRANSFER_H

#include <curl/curl.h>

#include "buffer.h"
#include "session.h"

/* Why we have stopped a transfer ourselves. */
typedef enum np_stop {
  NP_NOT_STOPPED,
  NP_BODY_TOO_LARGE,
  NP_HEADERS_TOO_LARGE,
  NP_NO_MEMORY,
  NP_SENT_TWICE, /* libcurl would have sent it twice */
  NP_UNASKED     /* bytes that nobody has asked for wait on the connection */
} np_stop;

struct np_transfer {
  np_session *session;
  np_transfer *next, *previous;               /* among those in the multi */
  np_transfer *next_opened, *previous_opened; /* among all that the session has to close */
  CURL *easy;                                 /* NULL once closed */
  CURLU *url;
  int knows_origin;                 /* the session's is set in the URL */
  np_buffer target;                 /* the part of the URL that is being set */
  char method[8];                   /* of the request that `easy` was last set up for */
  const struct curl_slist *headers; /* of the last request; NULL: none was made */
  int is_fresh;
  np_buffer request_body;
  size_t request_body_sent;
  double deadline;  /* seconds, on the clock of np_now */
  int has_started;  /* a connection was there for the request */
  long sent_before; /* bytes that were sent for the connection, as a proxy's CONNECT, before the request */
  long connections; /* that were opened up to then */
  int was_sent;     /* known once it is closed */
  int is_reused;    /* the connection had been used before */
  long port;        /* the local one of a connection of HTTP/1.1; else 0 */
  np_buffer body;
  size_t header_bytes;
  char date[40];           /* of the answer, as the server writes it; "" for none */
  int retry_after_is_zero; /* libcurl says 0 for that, for none and for one that it can't read */
  long id;                 /* the caller's; 0: its end isn't listed */
  int is_active;           /* in the multi */
  int is_done;
  np_stop stop;
  CURLcode code;
  char message[CURL_ERROR_SIZE];
};

/* Returns 0 where there is no memory. */
int np_transfer_open(np_transfer *transfer, np_session *session);
void np_transfer_close(np_transfer *transfer);

/* Starts it. Path, with its query, and body are copied. A fresh one has a new connection, a large one asks for a
 * compressed answer. Where libcurl refuses, it is done at once, with a message in it. */
void np_transfer_start(np_transfer *transfer, const char *method, const char *path, const char *body,
                       size_t body_length, double deadline, int is_fresh, int is_large);

/* Whether a byte of the request may have reached the server. */
int np_transfer_was_sent(const np_transfer *transfer);

/* Shuts the connection that its answer came on, if that is one of HTTP/1.1: nothing more is sent there. */
void np_transfer_discard(np_transfer *transfer);

/* Stops it if it is under way. */
void np_transfer_stop(np_transfer *transfer);

/* Notes how it ended, once libcurl is done with it. Returns 0 where it goes on instead, on another connection, since
 * bytes waited on its own that nobody had asked for: libcurl has closed that one. */
int np_transfer_finish(np_transfer *transfer, CURLcode code);

#endif
