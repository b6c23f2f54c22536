/* Texts of ASCII alone. */
#include "ascii.h"

int np_is_identifier(const char *text, size_t length) {
  if (length < 1 || length > NP_MAX_IDENTIFIER) return 0;
  for (size_t i = 0; i < length; i++) {
    if (!np_is_digit(text[i]) && !np_is_letter(text[i]) && text[i] != '_' && text[i] != '-') return 0;
  }
  return 1;
}

int np_is_all_digits(const char *text, size_t length, size_t least, size_t most) {
  if (length < least || length > most) return 0;
  for (size_t i = 0; i < length; i++) {
    if (!np_is_digit(text[i])) return 0;
  }
  return 1;
}

int np_is_word(const char *text, size_t length, const char *word) {
  size_t i = 0;
  while (i < length && word[i] != '\0' && np_is_letter(text[i]) && (text[i] | 0x20) == word[i]) i++;
  return i == length && word[i] == '\0';
}
