/* What all transfers of a client share: a CURLM with its loop, headers, counters. */

/* Flags of a build may name another level. */
#undef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* pthread_atfork, clock_gettime */

#include "session.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "transfer.h"

double np_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* How many forks lie between the first process and this one. To ask the system for the pid at every call would cost
 * more than the rest of what is done for it. */
static unsigned generation;

static void count_fork(void) { generation++; }

int np_session_is_foreign(const np_session *session) { return session->generation != generation; }

/* The module is never unloaded, so that the handler stays valid. A host may load it in several threads. */
static pthread_once_t watching = PTHREAD_ONCE_INIT;
static int is_watching;

static void watch_forks(void) { is_watching = pthread_atfork(NULL, NULL, count_fork) == 0; }

int np_session_open(np_session *session) {
  pthread_once(&watching, watch_forks);
  session->generation = generation;
  session->multi = is_watching ? curl_multi_init() : NULL;
  return session->multi != NULL;
}

void np_session_close(np_session *session) {
  if (session->multi == NULL) return;
  if (!np_session_is_foreign(session)) {
    /* Transfers that are made while a Lua state is closed get no finaliser. */
    while (session->opened != NULL) np_transfer_close(session->opened);
    curl_multi_cleanup(session->multi);
    curl_slist_free_all(session->headers);
    curl_slist_free_all(session->gzip_headers);
    curl_slist_free_all(session->body_headers);
    free(session->origin);
    free(session->ca_file);
    free(session->proxy);
    np_sockets_free(&session->sockets);
    free(session->proxy_credentials);
    np_buffer_free(&session->finished);
  }
  session->multi = NULL;
  session->headers = session->gzip_headers = session->body_headers = NULL;
  session->origin = session->ca_file = session->proxy = session->proxy_credentials = NULL;
}

/* Finishes the transfers that libcurl is done with. Returns how many, or -1 where there is no memory. A message is gone
 * once its handle is removed from the multi, so that the result is read first. */
static int collect_done(np_session *session) {
  int finished = 0;
  int left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(session->multi, &left)) != NULL) {
    CURLcode code = message->data.result;
    char *private = NULL;
    np_transfer *transfer;
    if (message->msg != CURLMSG_DONE) continue;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    transfer = (np_transfer *)(void *)private;
    if (!np_transfer_finish(transfer, code)) continue;
    finished++;
    if (transfer->id != 0 && !np_buffer_append(&session->finished, (const char *)&transfer->id, sizeof transfer->id)) {
      return -1;
    }
  }
  return finished;
}

int np_session_step(np_session *session, int milliseconds) {
  int running;
  int finished;
  np_buffer_reset(&session->finished);
  if (curl_multi_perform(session->multi, &running) != CURLM_OK) return -1;
  finished = collect_done(session);
  if (finished != 0 || milliseconds == 0) return finished;
  if (curl_multi_poll(session->multi, NULL, 0, milliseconds, NULL) != CURLM_OK) return -1;
  return 0;
}
