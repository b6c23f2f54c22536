/* One HTTP transfer on libcurl: settings, callbacks, start and end.
 *
 * libcurl sends a request a second time by itself when a reused connection dies before the first byte of an answer, and
 * over HTTP/2 when a stream is refused: a change would happen twice. So libcurl has to ask before each start
 * (CURLOPT_PREREQFUNCTION), and the second one is refused if a byte of the first was sent. A change's body also comes
 * from a callback that can't go back. libcurl before 7.80 doesn't ask: there a change has a new connection of HTTP/1.1,
 * on which libcurl never tries twice. */

/* Flags of a build may name another level. */
#undef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* strncasecmp */

#include "transfer.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#if LIBCURL_VERSION_NUM >= 0x075000 && !defined(NP_WITHOUT_PREREQUEST)
#define HAS_PREREQUEST 1
#else
#define HAS_PREREQUEST 0
#endif

#define MAX_HEADER_BYTES (256 * 1024)

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

static int add_socket(void *data, curl_socket_t fd, curlsocktype purpose) {
  np_session *session = data;
  (void)purpose;
  np_sockets_add(&session->sockets, fd);
  return CURL_SOCKOPT_OK;
}

static int close_socket(void *data, curl_socket_t fd) {
  np_session *session = data;
  np_sockets_forget(&session->sockets, fd);
  return close(fd);
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

/* Whether a header has this name, which is in small letters and has its colon. */
static int has_name(const char *bytes, size_t length, const char *name, size_t name_length) {
  return length >= name_length && (*bytes | 0x20) == *name && strncasecmp(bytes, name, name_length) == 0;
}

/* What is too long for a date is none. */
static void keep_date(np_transfer *transfer, const char *bytes, size_t length) {
  if (length >= sizeof transfer->date) length = 0;
  memcpy(transfer->date, bytes, length);
  transfer->date[length] = '\0';
}

static size_t receive_header(char *bytes, size_t size, size_t count, void *data) {
  static const char retry_after[] = "retry-after:", date[] = "date:", status_line[] = "http/";
  np_transfer *transfer = data;
  size_t length = size * count;
  transfer->header_bytes += length;
  if (transfer->header_bytes > MAX_HEADER_BYTES) {
    transfer->stop = NP_HEADERS_TOO_LARGE;
    return 0;
  }
  if (has_name(bytes, length, retry_after, sizeof retry_after - 1)) {
    transfer->retry_after_is_zero = is_zero(bytes + sizeof retry_after - 1, bytes + length);
  } else if (has_name(bytes, length, date, sizeof date - 1)) {
    keep_date(transfer, bytes + sizeof date - 1, length - (sizeof date - 1));
  } else if (has_name(bytes, length, status_line, sizeof status_line - 1)) {
    transfer->date[0] = '\0'; /* the last one was of another answer, as a proxy's is */
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

#if HAS_PREREQUEST
/* libcurl calls this once it has a connection, before it sends the request. */
static int before_request(void *data, char *to, char *from, int to_port, int from_port) {
  np_transfer *transfer = data;
  long sent = 0, connections = 0;
  (void)to, (void)from, (void)to_port;
  curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
  curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connections);
  if (transfer->has_started && sent > transfer->sent_before) {
    transfer->stop = NP_SENT_TWICE;
    return CURL_PREREQFUNC_ABORT;
  }
  if (np_sockets_have_unasked(&transfer->session->sockets, from_port)) {
    transfer->stop = NP_UNASKED;
    return CURL_PREREQFUNC_ABORT;
  }
  transfer->is_reused = connections == transfer->connections;
  transfer->connections = connections;
  transfer->sent_before = sent;
  transfer->has_started = 1;
  return CURL_PREREQFUNC_OK;
}
#endif

/* Returns whether libcurl will ask before it starts a request. */
static int set_guard(np_transfer *transfer) {
#if HAS_PREREQUEST
  return curl_easy_setopt(transfer->easy, CURLOPT_PREREQFUNCTION, before_request) == CURLE_OK &&
         curl_easy_setopt(transfer->easy, CURLOPT_PREREQDATA, transfer) == CURLE_OK;
#else
  (void)transfer;
  return 0;
#endif
}

/* Whether the folder of trusted authorities can be left out beside their file. With a folder, libcurl reads the file
 * again for each connection, which takes longer than the rest of a handshake. A distribution's folder has the same in
 * it as its file, and a file that the caller names is meant to be all that is trusted. */
static int needs_no_folder(const np_session *session) {
#if LIBCURL_VERSION_NUM >= 0x074600
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->age >= CURLVERSION_SEVENTH && info->cainfo != NULL && access(info->cainfo, R_OK) == 0) return 1;
#endif
  return session->ca_file != NULL;
}

/* Returns 0 where there is no memory: without one of these, requests would go another way than they have to. The
 * proxy's credentials aren't in its address, which libcurl's messages show; nor are they two options, since not every
 * version of libcurl decodes those. */
static int set_texts(CURL *easy, const np_session *session) {
  return (session->ca_file == NULL ||
          curl_easy_setopt(easy, CURLOPT_CAINFO, session->ca_file) != CURLE_OUT_OF_MEMORY) &&
         curl_easy_setopt(easy, CURLOPT_PROXY, session->proxy) != CURLE_OUT_OF_MEMORY &&
         (session->proxy_credentials == NULL ||
          curl_easy_setopt(easy, CURLOPT_PROXYUSERPWD, session->proxy_credentials) != CURLE_OUT_OF_MEMORY);
}

/* Sets what is the same for every request. */
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
  transfer->next_opened = session->opened;
  if (session->opened != NULL) session->opened->previous_opened = transfer;
  session->opened = transfer;
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
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip"); /* to unpack; the session's headers ask for it */
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, session->connect_timeout);
  if (needs_no_folder(session)) curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, send_body);
  curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, add_socket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, session);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, session);
  session->is_guarded = set_guard(transfer);
  return set_texts(easy, session);
}

static void unlink_opened(np_transfer *transfer) {
  if (transfer->previous_opened != NULL) {
    transfer->previous_opened->next_opened = transfer->next_opened;
  } else {
    transfer->session->opened = transfer->next_opened;
  }
  if (transfer->next_opened != NULL) transfer->next_opened->previous_opened = transfer->previous_opened;
  transfer->next_opened = transfer->previous_opened = NULL;
}

void np_transfer_close(np_transfer *transfer) {
  if (transfer->is_active) {
    transfer->was_sent = np_transfer_was_sent(transfer);
    transfer->is_done = 1;
    transfer->code = CURLE_ABORTED_BY_CALLBACK;
  }
  np_transfer_stop(transfer);
  unlink_opened(transfer);
  curl_easy_cleanup(transfer->easy);
  transfer->easy = NULL;
  curl_url_cleanup(transfer->url);
  transfer->url = NULL;
  np_buffer_free(&transfer->target);
  np_buffer_free(&transfer->request_body);
  np_buffer_free(&transfer->body);
}

/* Sets what differs from the request before on the same handle, mostly nothing. Returns 0 where there is no memory: the
 * request would be of another method. */
static int set_method(np_transfer *transfer, const char *method, int is_large) {
  const np_session *session = transfer->session;
  CURL *easy = transfer->easy;
  int has_body = transfer->request_body.length > 0;
  struct curl_slist *headers = has_body ? session->body_headers : is_large ? session->gzip_headers : session->headers;
  const char *custom = strcmp(method, has_body ? "POST" : "GET") == 0 ? NULL : method;
  if (has_body) curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->request_body.length);
  if (headers == transfer->headers && strcmp(method, transfer->method) == 0) return 1;
  transfer->method[0] = '\0';
  curl_easy_setopt(easy, has_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, custom) != CURLE_OK) return 0;
  transfer->headers = headers;
  strncpy(transfer->method, method,
          sizeof transfer->method - 1); /* only a part of a longer one, which then is set each time */
  return 1;
}

/* A change that libcurl might send twice gets a new connection, of HTTP/1.1. */
static void set_connection(np_transfer *transfer, int is_fresh) {
  CURL *easy = transfer->easy;
  int is_alone = transfer->request_body.length > 0 && !transfer->session->is_guarded;
  if (!transfer->session->is_guarded) {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)(is_alone ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
  }
  is_fresh = is_fresh || is_alone;
  if (is_fresh == transfer->is_fresh) return;
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)is_fresh);
  transfer->is_fresh = is_fresh;
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

/* libcurl takes a URL's text apart and puts it together again, a fifth of all that it does for a request. So only the
 * path and the query are set. A path with escapes isn't: libcurl would write them in small letters. */
static CURLUcode set_url(np_transfer *transfer, const char *path) {
  const char *query = strchr(path, '?');
  size_t length = query == NULL ? strlen(path) : (size_t)(query - path);
  CURLUcode code;
  np_buffer_reset(&transfer->target);
  if (*path != '/') return CURLUE_MALFORMED_INPUT; /* libcurl reads past the end of an empty path */
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

/* Hands the request to libcurl, with the time that is left. */
static void run(np_transfer *transfer) {
  np_session *session = transfer->session;
  double milliseconds = (transfer->deadline - np_now()) * 1000;
  CURLMcode added;
  transfer->has_started = transfer->is_reused = 0;
  transfer->sent_before = transfer->connections = transfer->port = 0;
  transfer->request_body_sent = transfer->header_bytes = 0;
  transfer->stop = NP_NOT_STOPPED;
  transfer->message[0] = transfer->date[0] = '\0';
  curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, milliseconds > 1 ? (long)milliseconds : 1L);
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

void np_transfer_start(np_transfer *transfer, const char *method, const char *path, const char *body,
                       size_t body_length, double deadline, int is_fresh, int is_large) {
  CURLUcode url;
  np_transfer_stop(transfer);
  np_buffer_reset(&transfer->request_body);
  np_buffer_reset(&transfer->body);
  transfer->retry_after_is_zero = transfer->is_done = 0;
  transfer->has_started = 0;
  transfer->stop = NP_NOT_STOPPED;
  transfer->code = CURLE_OK;
  transfer->deadline = deadline;
  url = set_url(transfer, path);
  if (url == CURLUE_OUT_OF_MEMORY || !np_buffer_append(&transfer->request_body, body, body_length)) {
    fail(transfer, CURLE_OUT_OF_MEMORY, "not enough memory");
    return;
  } else if (url != CURLUE_OK) {
    fail(transfer, CURLE_URL_MALFORMAT, "libcurl can't read the URL");
    return;
  }
  if (!set_method(transfer, method, is_large)) {
    fail(transfer, CURLE_OUT_OF_MEMORY, "not enough memory");
    return;
  }
  set_connection(transfer, is_fresh);
  run(transfer);
}

/* CURLINFO_REQUEST_SIZE counts a proxy's CONNECT, too: what was sent before the request itself is left out. */
int np_transfer_was_sent(const np_transfer *transfer) {
  long sent = 0;
  double ready = 0;
  if (transfer->easy == NULL) return transfer->was_sent;
  curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
  if (transfer->session->is_guarded) return transfer->has_started && sent > transfer->sent_before;
  curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME, &ready);
  return ready > 0 && sent > 0;
}

void np_transfer_discard(np_transfer *transfer) {
  np_session *session = transfer->session;
  if (session->multi == NULL || transfer->port == 0) return;
  np_socket *used = np_sockets_find(&session->sockets, transfer->port);
  if (used != NULL) shutdown(used->fd, SHUT_RDWR);
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

/* Notes which connection the answer came on. */
static void note_connection(np_transfer *transfer) {
  long port = 0, version = 0;
  np_socket *used;
  if (!transfer->session->is_guarded) {
    long connections = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connections);
    transfer->is_reused = connections == 0;
  }
  curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
  if (version != CURL_HTTP_VERSION_1_0 && version != CURL_HTTP_VERSION_1_1) return;
  curl_easy_getinfo(transfer->easy, CURLINFO_LOCAL_PORT, &port);
  transfer->port = port;
  used = np_sockets_find(&transfer->session->sockets, port);
  if (used != NULL) used->is_idle_http1 = 1;
}

int np_transfer_finish(np_transfer *transfer, CURLcode code) {
  np_session *session = transfer->session;
  if (code == CURLE_OK) note_connection(transfer);
  np_transfer_stop(transfer);
  if (code == CURLE_ABORTED_BY_CALLBACK && transfer->stop == NP_UNASKED) {
    run(transfer);
    return transfer->is_done;
  }
  transfer->code = code;
  transfer->is_done = 1;
  count(session, transfer->easy);
  return 1;
}
