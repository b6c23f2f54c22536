/* Keeps whoever asks for a name's address waiting, in a program that preloads it. */
#define _GNU_SOURCE
#include <netdb.h>
#include <unistd.h>

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict result) {
  (void)node, (void)service, (void)hints, (void)result;
  sleep(60);
  return EAI_AGAIN;
}
