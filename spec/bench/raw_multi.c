/* What many calls in flight are measured against: GETs on curl_multi, so many at a time, on handles that are kept, with
 * every body thrown away.
 *
 *   raw_multi URL IN_FLIGHT WARMUP SECONDS CA_FILE HEADER...    "" for no CA_FILE
 *
 * Prints the calls made, the seconds they took, and the KiB that were resident at most. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

typedef struct contest {
  CURLM *multi;
  long calls;
  int in_flight;
  int is_over;
} contest;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t discard(char *bytes, size_t size, size_t count, void *data) {
  (void)bytes;
  (void)data;
  return size * count;
}

static void fail(const char *message) {
  fprintf(stderr, "raw_multi: %s\n", message);
  exit(EXIT_FAILURE);
}

static CURL *new_handle(const char *url, const char *ca_file, struct curl_slist *headers) {
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* the environment's proxy isn't what is measured */
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L); /* one connection over HTTP/2, as in the library */
  if (ca_file[0] != '\0') curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
  return easy;
}

static void collect(contest *c) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(c->multi, &left)) != NULL) {
    CURL *easy = message->easy_handle;
    CURLcode code = message->data.result;
    long status = 0;
    if (message->msg != CURLMSG_DONE) continue;
    if (code != CURLE_OK) fail(curl_easy_strerror(code));
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) fail("another status than 200");
    c->calls++;
    c->in_flight--;
    curl_multi_remove_handle(c->multi, easy);
    if (!c->is_over) {
      curl_multi_add_handle(c->multi, easy);
      c->in_flight++;
    }
  }
}

/* Calls for so many seconds, and until what is in flight by then is done. Returns the seconds taken. */
static double run(contest *c, CURL **handles, int count, double seconds) {
  double started = now();
  int running;
  c->calls = 0;
  c->is_over = 0;
  for (int i = 0; i < count; i++) curl_multi_add_handle(c->multi, handles[i]);
  c->in_flight = count;
  while (c->in_flight > 0) {
    if (curl_multi_perform(c->multi, &running) != CURLM_OK) fail("curl_multi_perform");
    collect(c);
    c->is_over = now() - started >= seconds;
    if (c->in_flight > 0) curl_multi_poll(c->multi, NULL, 0, 1000, NULL);
  }
  return now() - started;
}

int main(int count, char **arguments) {
  struct curl_slist *headers = NULL;
  struct rusage usage;
  contest c = {0};
  if (count < 6) fail("usage: raw_multi URL IN_FLIGHT WARMUP SECONDS CA_FILE HEADER...");
  int in_flight = atoi(arguments[2]);
  CURL **handles = calloc((size_t)in_flight + 1, sizeof *handles);
  if (handles == NULL) fail("not enough memory");
  for (int i = 6; i < count; i++) headers = curl_slist_append(headers, arguments[i]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  c.multi = curl_multi_init();
  curl_multi_setopt(c.multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
  for (int i = 0; i < in_flight; i++) handles[i] = new_handle(arguments[1], arguments[5], headers);
  run(&c, handles, in_flight, strtod(arguments[3], NULL));
  double taken = run(&c, handles, in_flight, strtod(arguments[4], NULL));
  getrusage(RUSAGE_SELF, &usage);
  printf("%ld %.6f %ld\n", c.calls, taken, usage.ru_maxrss);
  for (int i = 0; i < in_flight; i++) curl_easy_cleanup(handles[i]);
  free(handles);
  curl_multi_cleanup(c.multi);
  curl_slist_free_all(headers);
  curl_global_cleanup();
  return EXIT_SUCCESS;
}
