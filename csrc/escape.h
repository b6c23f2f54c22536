/* The escapes of JSON, URLs and HTML, behind which a text may have a secret. */
#ifndef NP_ESCAPE_H
#define NP_ESCAPE_H

#include <stddef.h>

/* Sorts of escapes. A set of them is their sum. */
#define NP_ESCAPED_JSON 1    /* \u003d \/ \x3d: JSON, JavaScript, nginx' log */
#define NP_ESCAPED_PERCENT 2 /* %3D: URLs */
#define NP_ESCAPED_HTML 4    /* &#61; &#x3d; &amp;: HTML, XML */

/* Reads the escape that the text begins with, of any sort in the set. Returns how many bytes it takes, or 0 where there
 * is none. Writes what it stands for: at most 4 bytes, and never more than it takes. */
size_t np_read_escape(const char *text, size_t length, int sorts, char *written, size_t *size);

#endif
