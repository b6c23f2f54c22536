/* A growing array of bytes. */
#include "buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 1024
#define KEPT_CAPACITY (64 * 1024)

int np_buffer_append(np_buffer *buffer, const char *bytes, size_t length) {
  if (length > SIZE_MAX / 2 - buffer->length) return 0;
  if (buffer->length + length > buffer->capacity) {
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;
    char *grown;
    while (capacity < buffer->length + length) capacity *= 2;
    grown = realloc(buffer->bytes, capacity);
    if (grown == NULL) return 0;
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  if (length > 0) memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
  return 1;
}

void np_buffer_reset(np_buffer *buffer) {
  buffer->length = 0;
  if (buffer->capacity > KEPT_CAPACITY) np_buffer_free(buffer);
}

void np_buffer_free(np_buffer *buffer) {
  free(buffer->bytes);
  buffer->bytes = NULL;
  buffer->length = 0;
  buffer->capacity = 0;
}
