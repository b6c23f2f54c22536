/* What the library is measured against: GETs on curl_easy_perform, with one handle that is kept, so that its
 * connection is too, and every body thrown away.
 *
 *   raw URL WARMUP SECONDS HEADER...    prints the calls made and the seconds they took */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CALLS_BETWEEN_LOOKS 100 /* at the clock */

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

static void call(CURL *easy) {
  long status = 0;
  CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    fprintf(stderr, "raw: %s\n", curl_easy_strerror(code));
    exit(EXIT_FAILURE);
  }
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    fprintf(stderr, "raw: status: expected 200, got %ld\n", status);
    exit(EXIT_FAILURE);
  }
}

/* Calls for so many seconds; the calls made and the seconds taken are left in *calls and *taken. */
static void repeat(CURL *easy, double seconds, long *calls, double *taken) {
  double started = now();
  *calls = 0;
  do {
    for (int i = 0; i < CALLS_BETWEEN_LOOKS; i++) call(easy);
    *calls += CALLS_BETWEEN_LOOKS;
    *taken = now() - started;
  } while (*taken < seconds);
}

int main(int count, char **arguments) {
  struct curl_slist *headers = NULL;
  CURL *easy;
  long calls;
  double taken;
  if (count < 4) {
    fprintf(stderr, "usage: %s URL WARMUP SECONDS HEADER...\n", arguments[0]);
    return EXIT_FAILURE;
  }
  for (int i = 4; i < count; i++) headers = curl_slist_append(headers, arguments[i]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L); /* as in the library: two system calls fewer */
  curl_easy_setopt(easy, CURLOPT_PROXY, "");    /* the environment's proxy isn't what is measured */
  repeat(easy, strtod(arguments[2], NULL), &calls, &taken);
  repeat(easy, strtod(arguments[3], NULL), &calls, &taken);
  printf("%ld %.6f\n", calls, taken);
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  curl_global_cleanup();
  return EXIT_SUCCESS;
}
