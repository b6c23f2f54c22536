/* The sockets of a session, and what waits on them. */
#undef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* sockets */

#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#define FIRST_ROOM 16

void np_sockets_add(np_sockets *sockets, int fd) {
  if (sockets->count == sockets->room) {
    size_t room = sockets->room > 0 ? 2 * sockets->room : FIRST_ROOM;
    np_socket *grown = realloc(sockets->list, room * sizeof *grown);
    if (grown == NULL) return;
    sockets->list = grown;
    sockets->room = room;
  }
  sockets->list[sockets->count++] = (np_socket){.fd = fd};
}

void np_sockets_forget(np_sockets *sockets, int fd) {
  for (size_t i = 0; i < sockets->count; i++) {
    if (sockets->list[i].fd == fd) {
      sockets->list[i] = sockets->list[--sockets->count];
      return;
    }
  }
}

void np_sockets_free(np_sockets *sockets) {
  free(sockets->list);
  *sockets = (np_sockets){0};
}

static long port_of(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
  } address;
  socklen_t length = sizeof address;
  if (getsockname(fd, &address.any, &length) != 0) return 0;
  if (address.any.sa_family == AF_INET) return ntohs(address.ip4.sin_port);
  return address.any.sa_family == AF_INET6 ? ntohs(address.ip6.sin6_port) : 0;
}

np_socket *np_sockets_find(np_sockets *sockets, long port) {
  for (size_t i = 0; i < sockets->count; i++) {
    np_socket *found = &sockets->list[i];
    if (found->port == 0) found->port = port_of(found->fd);
    if (found->port == port) return found;
  }
  return NULL;
}

int np_sockets_have_unasked(np_sockets *sockets, long port) {
  char byte;
  np_socket *used = np_sockets_find(sockets, port);
  if (used == NULL || !used->is_idle_http1) return 0;
  used->is_idle_http1 = 0;
  return recv(used->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}
