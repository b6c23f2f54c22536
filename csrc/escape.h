/* The escapes in which a text of others may hide another one. */
#ifndef NP_ESCAPE_H
#define NP_ESCAPE_H

#include <stddef.h>

/* Sets of them are sums. */
#define NP_ESCAPED_JSON 1    /* \u003d \/ \x3d: JSON, JavaScript, nginx' log */
#define NP_ESCAPED_PERCENT 2 /* %3D: URLs */
#define NP_ESCAPED_HTML 4    /* &#61; &#x3d; &amp;: HTML, XML */

/* Reads the escape at the beginning of text, of any sort in the set. Returns the bytes that it takes, 0 if there is
 * none, and writes what it stands for: never more bytes than it takes, and at most 4. */
size_t np_read_escape(const char *text, size_t length, int sorts, char *written, size_t *size);

#endif
