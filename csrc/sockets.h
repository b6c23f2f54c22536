/* The sockets that libcurl has opened for a session, found by their local port: of the connection that a request is
 * about to use, libcurl tells the port and not the socket. */
#ifndef NP_SOCKETS_H
#define NP_SOCKETS_H

#include <stddef.h>

typedef struct np_socket {
  int fd;
  long port;         /* on this machine; 0 as long as it isn't known */
  int is_idle_http1; /* its last answer is complete: nothing may come on it now */
} np_socket;

typedef struct np_sockets {
  np_socket *list;
  size_t count, room;
} np_sockets;

/* One that there is no memory for is left out: nothing is known of it then. */
void np_sockets_add(np_sockets *sockets, int fd);
void np_sockets_forget(np_sockets *sockets, int fd);
void np_sockets_free(np_sockets *sockets);

/* The socket with that port; NULL where it isn't known. It is valid until one is added or forgotten. */
np_socket *np_sockets_find(np_sockets *sockets, long port);

/* Whether bytes, or the connection's end, wait on an idle connection of HTTP/1.1: they would be taken for the answer to
 * the next request. From now on it isn't idle. */
int np_sockets_have_unasked(np_sockets *sockets, long port);

#endif
