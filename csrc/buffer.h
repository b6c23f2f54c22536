/* A growing array of bytes, in memory of its own: libcurl's callbacks fill it, and they may not touch a Lua state. */
#ifndef NP_BUFFER_H
#define NP_BUFFER_H

#include <stddef.h>

typedef struct np_buffer {
  char *bytes;
  size_t length;
  size_t capacity;
} np_buffer;

/* Returns 0 where there is no memory; the buffer is then as it was. */
int np_buffer_append(np_buffer *buffer, const char *bytes, size_t length);

/* Empties it, and gives back the memory of an unusually large content. */
void np_buffer_reset(np_buffer *buffer);

void np_buffer_free(np_buffer *buffer);

#endif
