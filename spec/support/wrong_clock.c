/* Moves the time of day by as many seconds as are in the file that WRONG_CLOCK names, in a program that preloads it and
   in what that starts. It doesn't move the monotonic clocks. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

typedef int clock_function(clockid_t clock, struct timespec *result);

static char *path;
static clock_function *real;

/* Runs before the program begins: nginx removes its environment when it starts. */
__attribute__((constructor)) static void prepare(void) {
  const char *name = getenv("WRONG_CLOCK");
  if (name != NULL) path = strdup(name);
  void *found = dlsym(RTLD_NEXT, "clock_gettime");
  memcpy(&real, &found, sizeof real); /* ISO C knows no cast between the two */
}

static long moved_by(void) {
  FILE *file = path == NULL ? NULL : fopen(path, "r");
  long seconds = 0;
  if (file == NULL) return 0;
  if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
  fclose(file);
  return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *result) {
  if (real == NULL) prepare();
  int status = real(clock, result);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) result->tv_sec += moved_by();
  return status;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  result->tv_sec = now.tv_sec;
  result->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}
