/* HTTP transfers on libcurl: settings, callbacks, the multi's loop.
 *
 * libcurl sends a request a second time by itself when a reused connection dies before the first byte of an
 * answer. For a change that would be twice the change. So a change's body comes from a callback that can't go
 * back: libcurl then gives up with CURLE_SEND_FAIL_REWIND, which means "sent, unanswered". */
#define _POSIX_C_SOURCE 200809L /* strncasecmp, pthread_atfork */

#include "transfer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MAX_HEADER_BYTES (256 * 1024)

/* How many forks lie between the first process and this one. Asking the system for the pid at every call would cost
 * more than the rest of what we do for it. */
static unsigned generation;

static void count_fork(void) { generation++; }

int np_session_is_foreign(const np_session *session) { return session->generation != generation; }

int np_session_open(np_session *session) {
  static int is_watching; /* the module is never unloaded, so the handler stays valid */
  if (!is_watching) is_watching = pthread_atfork(NULL, NULL, count_fork) == 0;
  session->generation = generation;
  session->multi = is_watching ? curl_multi_init() : NULL;
  return session->multi != NULL;
}

static void unlink_active(np_transfer *transfer) {
  if (transfer->previous != NULL) {
    transfer->previous->next = transfer->next;
  } else {
    transfer->session->active = transfer->next;
  }
  if (transfer->next != NULL) transfer->next->previous = transfer->previous;
  transfer->next = transfer->previous = NULL;
  transfer->is_active = 0;
}

void np_transfer_stop(np_transfer *transfer) {
  if (!transfer->is_active) return;
  curl_multi_remove_handle(transfer->session->multi, transfer->easy);
  unlink_active(transfer);
}

void np_session_close(np_session *session) {
  if (session->multi == NULL) return;
  if (!np_session_is_foreign(session)) {
    while (session->active != NULL) {
      np_transfer *transfer = session->active;
      np_transfer_stop(transfer);
      transfer->is_done = 1;
      transfer->code = CURLE_ABORTED_BY_CALLBACK;
    }
    curl_multi_cleanup(session->multi);
    curl_slist_free_all(session->headers);
    curl_slist_free_all(session->body_headers);
    free(session->origin);
    free(session->ca_file);
    free(session->proxy);
    np_buffer_free(&session->finished);
  }
  session->multi = NULL;
}

static size_t receive_body(char *bytes, size_t size, size_t count, void *data) {
  np_transfer *transfer = data;
  size_t length = size * count;
  if (length > transfer->session->max_body - transfer->body.length) {
    transfer->stop = NP_BODY_TOO_LARGE;
    return 0;
  }
  if (!np_buffer_append(&transfer->body, bytes, length)) {
    transfer->stop = NP_NO_MEMORY;
    return 0;
  }
  return length;
}

static int is_zero(const char *bytes, const char *end) {
  while (bytes < end && (*bytes == ' ' || *bytes == '\t')) bytes++;
  if (bytes == end || *bytes != '0') return 0;
  while (bytes < end && *bytes == '0') bytes++;
  return bytes == end || *bytes == '\r' || *bytes == '\n' || *bytes == ' ';
}

static size_t receive_header(char *bytes, size_t size, size_t count, void *data) {
  static const char name[] = "retry-after:";
  np_transfer *transfer = data;
  size_t length = size * count;
  transfer->header_bytes += length;
  if (transfer->header_bytes > MAX_HEADER_BYTES) {
    transfer->stop = NP_HEADERS_TOO_LARGE;
    return 0;
  }
  if (length >= sizeof name - 1 && (*bytes == 'r' || *bytes == 'R') && strncasecmp(bytes, name, sizeof name - 1) == 0) {
    transfer->retry_after_is_zero = is_zero(bytes + sizeof name - 1, bytes + length);
  }
  return length;
}

static size_t send_body(char *bytes, size_t size, size_t count, void *data) {
  np_transfer *transfer = data;
  size_t room = size * count;
  size_t length = transfer->request_body.length - transfer->request_body_sent;
  if (length > room) length = room;
  if (length > 0) memcpy(bytes, transfer->request_body.bytes + transfer->request_body_sent, length);
  transfer->request_body_sent += length;
  return length;
}

/* libcurl reads the authorities' file once for all connections only if it has no folder of them beside it. Reading it
 * takes longer than the rest of a handshake. The folder that a distribution builds in holds the same as its file; and
 * a file that the caller names is meant to be all that is trusted. */
static int needs_no_folder(const np_session *session) {
#if LIBCURL_VERSION_NUM >= 0x074600
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->age >= CURLVERSION_SEVENTH && info->cainfo != NULL && access(info->cainfo, R_OK) == 0) return 1;
#endif
  return session->ca_file != NULL;
}

/* What is the same for every request of the session. */
int np_transfer_open(np_transfer *transfer, np_session *session) {
  CURL *easy = curl_easy_init();
  transfer->session = session;
  transfer->easy = easy;
  transfer->url = easy == NULL ? NULL : curl_url();
  if (transfer->url == NULL) {
    curl_easy_cleanup(easy);
    transfer->easy = NULL;
    return 0;
  }
  curl_easy_setopt(easy, CURLOPT_CURLU, transfer->url);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  /* Without TLS the first answer alone would tell whether to multiplex, and all others would wait for it. */
  if (strncmp(session->origin, "https:", 6) == 0) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, session->connect_timeout);
  if (session->ca_file != NULL) curl_easy_setopt(easy, CURLOPT_CAINFO, session->ca_file);
  if (needs_no_folder(session)) curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  if (session->proxy != NULL) curl_easy_setopt(easy, CURLOPT_PROXY, session->proxy);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, send_body);
  curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
  return 1;
}

void np_transfer_close(np_transfer *transfer) {
  np_transfer_stop(transfer);
  curl_easy_cleanup(transfer->easy);
  transfer->easy = NULL;
  curl_url_cleanup(transfer->url);
  np_buffer_free(&transfer->target);
  np_buffer_free(&transfer->request_body);
  np_buffer_free(&transfer->body);
}

/* Most requests are like the one before on the same handle. */
static void set_method(np_transfer *transfer, const char *method) {
  CURL *easy = transfer->easy;
  int has_body = transfer->request_body.length > 0;
  if (has_body) curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->request_body.length);
  if (has_body == transfer->has_body && strcmp(method, transfer->method) == 0) return;
  curl_easy_setopt(easy, has_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, has_body ? transfer->session->body_headers : transfer->session->headers);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, strcmp(method, has_body ? "POST" : "GET") == 0 ? NULL : method);
  transfer->has_body = has_body;
  strncpy(transfer->method, method, sizeof transfer->method - 1); /* of a longer one only a part, that is never equal */
}

static CURLUcode set_whole_url(np_transfer *transfer, const char *path) {
  const char *origin = transfer->session->origin;
  CURLUcode code;
  if (!np_buffer_append(&transfer->target, origin, strlen(origin)) ||
      !np_buffer_append(&transfer->target, path, strlen(path) + 1)) {
    return CURLUE_OUT_OF_MEMORY;
  }
  code = curl_url_set(transfer->url, CURLUPART_URL, transfer->target.bytes, 0);
  transfer->knows_origin = code == CURLUE_OK;
  return code;
}

/* A URL as text is taken apart and put together again by libcurl for each request, which is a fifth of all that it
 * does. So only the parts that are another request's are set. Escapes in a part would be rewritten in small letters. */
static CURLUcode set_url(np_transfer *transfer, const char *path) {
  const char *query = strchr(path, '?');
  size_t length = query == NULL ? strlen(path) : (size_t)(query - path);
  CURLUcode code;
  np_buffer_reset(&transfer->target);
  if (!transfer->knows_origin || strchr(path, '%') != NULL) return set_whole_url(transfer, path);
  if (!np_buffer_append(&transfer->target, path, length) || !np_buffer_append(&transfer->target, "", 1)) {
    return CURLUE_OUT_OF_MEMORY;
  }
  code = curl_url_set(transfer->url, CURLUPART_PATH, transfer->target.bytes, 0);
  if (code != CURLUE_OK) return code;
  return curl_url_set(transfer->url, CURLUPART_QUERY, query == NULL ? NULL : query + 1, 0);
}

static void fail(np_transfer *transfer, CURLcode code, const char *message) {
  transfer->code = code;
  transfer->is_done = 1;
  strncpy(transfer->message, message, sizeof transfer->message - 1);
}

void np_transfer_start(np_transfer *transfer, const char *method, const char *path, const char *body,
                       size_t body_length, long milliseconds) {
  np_session *session = transfer->session;
  CURLMcode added;
  CURLUcode url;
  np_transfer_stop(transfer);
  np_buffer_reset(&transfer->request_body);
  np_buffer_reset(&transfer->body);
  transfer->request_body_sent = transfer->header_bytes = 0;
  transfer->retry_after_is_zero = transfer->is_done = 0;
  transfer->stop = NP_NOT_STOPPED;
  transfer->code = CURLE_OK;
  transfer->message[0] = '\0';
  url = set_url(transfer, path);
  if (url == CURLUE_OUT_OF_MEMORY || !np_buffer_append(&transfer->request_body, body, body_length)) {
    fail(transfer, CURLE_OUT_OF_MEMORY, "not enough memory");
    return;
  } else if (url != CURLUE_OK) {
    fail(transfer, CURLE_URL_MALFORMAT, "libcurl makes nothing of the URL");
    return;
  }
  set_method(transfer, method);
  curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, milliseconds);
  added = curl_multi_add_handle(session->multi, transfer->easy);
  if (added != CURLM_OK) {
    fail(transfer, CURLE_FAILED_INIT, curl_multi_strerror(added));
    return;
  }
  transfer->previous = NULL;
  transfer->next = session->active;
  if (session->active != NULL) session->active->previous = transfer;
  session->active = transfer;
  transfer->is_active = 1;
}

static void count(np_session *session, CURL *easy) {
  long headers_sent = 0, headers_received = 0, connections = 0;
  curl_off_t sent = 0, received = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &headers_sent);
  curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &headers_received);
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
  session->bytes_sent += (double)headers_sent + (double)sent;
  session->bytes_received += (double)headers_received + (double)received;
  session->connections += (double)connections;
}

/* A message is gone once its handle is removed: the result is read first. */
static int collect_done(np_session *session) {
  int finished = 0;
  int left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(session->multi, &left)) != NULL) {
    CURL *easy = message->easy_handle;
    CURLcode code = message->data.result;
    char *private = NULL;
    np_transfer *transfer;
    if (message->msg != CURLMSG_DONE) continue;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    transfer = (np_transfer *)(void *)private;
    transfer->code = code;
    transfer->is_done = 1;
    count(session, easy);
    np_transfer_stop(transfer);
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
