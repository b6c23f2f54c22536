/* The sockets that libcurl has opened for a session, by the port that each has here: libcurl tells the port, and not
 * the socket, of a connection that a request is about to use. */
#ifndef NP_SOCKETS_H
#define NP_SOCKETS_H

#include <stddef.h>

typedef struct np_socket {
  int fd;
  long port;         /* 0 as long as it isn't known */
  int is_idle_http1; /* nothing may come on it now */
} np_socket;

typedef struct np_sockets {
  np_socket *list;
  size_t count, room;
} np_sockets;

/* One that there is no memory for is only not looked at. */
void np_sockets_add(np_sockets *sockets, int fd);
void np_sockets_forget(np_sockets *sockets, int fd);
void np_sockets_free(np_sockets *sockets);

/* The socket that has a port here; NULL if it isn't known. It is valid until one is added or forgotten. */
np_socket *np_sockets_find(np_sockets *sockets, long port);

/* Whether something waits on a connection of HTTP/1.1 on which nothing was asked: it would be taken for the answer to
 * the next request. An end of the connection counts too. From now on it isn't idle. */
int np_sockets_have_unasked(np_sockets *sockets, long port);

#endif
