/* Numbering plans, from the metadata of libphonenumber 9.0 (google-libphonenumber 3.2.47). The lengths of calling codes
 * are from ITU-T E.164's list of assigned codes. */
#include "numbering_plan.h"

#include <string.h>

/* Calling codes of two digits; 1 and 7 have one, all others three. */
static const char two_digits[] =
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 "
    "60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";

/* Numbers that begin with 0 after the calling code. Nearly everywhere else a 0 there is dialled in the country only. */
typedef struct leading_zero {
  const char *code;
  const char *first;   /* what they begin with */
  size_t least, most;  /* how many digits they have */
  const char *without; /* what numbers one digit shorter begin with */
} leading_zero;

#define ANY "0123456789"

static const leading_zero leading_zeros[] = {
    {"39", "0", 6, 12, "013458"}, /* Italy and the Vatican */
    {"47", "0", 5, 5, ""},        /* Norway */
    {"62", "00", 11, 13, ANY},    /* Indonesia, as all with 00: toll-free */
    {"66", "001", 13, 13, ANY},   /* Thailand */
    {"81", "00", 8, 13, ANY},     /* Japan */
    {"82", "00", 11, 13, ANY},    /* South Korea */
    {"91", "000", 13, 13, ANY},   /* India */
    {"225", "0", 10, 10, ""},     /* Ivory Coast */
    {"226", "0", 8, 8, ""},       /* Burkina Faso */
    {"227", "0", 8, 8, ""},       /* Niger */
    {"229", "01", 10, 10, ""},    /* Benin */
    {"241", "0", 8, 8, "234567"}, /* Gabon */
    {"242", "0", 9, 9, ""},       /* Congo */
    {"247", "0", 6, 6, "23467"},  /* Ascension */
    {"250", "06", 8, 8, ANY},     /* Rwanda */
    {"267", "080", 10, 10, ""},   /* Botswana */
    {"268", "080", 8, 8, ""},     /* Eswatini */
    {"359", "008", 12, 12, ANY},  /* Bulgaria */
    {"378", "054", 10, 10, ""},   /* San Marino */
    {"501", "080", 11, 11, ""},   /* Belize */
    {"507", "008", 11, 11, "8"},  /* Panama */
    {"598", "000", 6, 12, ANY},   /* Uruguay */
    {"676", "080", 7, 7, ""},     /* Tonga */
    {"679", "080", 11, 11, ""},   /* Fiji */
    {"687", "050", 6, 6, ""},     /* New Caledonia */
    {"800", "0", 8, 8, ""},       /* international freephone */
    {"853", "080", 7, 7, ""},     /* Macao */
    {"881", "0", 9, 9, ""},       /* satellites */
    {"888", "0", 11, 11, ""},     /* a global code */
    {"974", "008", 11, 11, ""},   /* Qatar */
    {"992", "0", 9, 9, ""},       /* Tajikistan */
};

/* Trunk prefixes other than 0, past and present. No number of the length that it has with one begins as it does. */
typedef struct trunk_prefix {
  const char *code, *prefix;
  size_t count; /* of digits after it */
} trunk_prefix;

static const trunk_prefix trunk_prefixes[] = {
    {"7", "8", 10},   /* Russia and Kazakhstan */
    {"370", "8", 8},  /* Lithuania */
    {"375", "80", 9}, /* Belarus */
    {"375", "8", 0},  /* also Belarus; in a group of its own, since numbers of 10 digits begin with it */
    {"692", "1", 7},  /* Marshall Islands */
    {"992", "8", 9},  /* Tajikistan */
    {"993", "8", 8},  /* Turkmenistan */
    {"998", "8", 9},  /* Uzbekistan */
};

size_t np_code_length(const char *digits, size_t count) {
  if (count > 0 && (digits[0] == '1' || digits[0] == '7')) return 1;
  if (count < 2) return 0;
  for (const char *code = two_digits; *code != '\0'; code += 3) {
    if (memcmp(code, digits, 2) == 0) return 2;
  }
  return count < 3 ? 0 : 3;
}

static int is_code(const char *code, const char *digits, size_t length) {
  return strlen(code) == length && memcmp(code, digits, length) == 0;
}

static const leading_zero *find_zero(const char *digits, size_t code, size_t count) {
  for (size_t i = 0; i < sizeof leading_zeros / sizeof *leading_zeros; i++) {
    const leading_zero *zero = &leading_zeros[i];
    if (!is_code(zero->code, digits, code) || count < zero->least || count > zero->most) continue;
    if (memcmp(digits + code, zero->first, strlen(zero->first)) == 0) return zero;
  }
  return NULL;
}

int np_begins_with_zero(const char *digits, size_t code, size_t count) {
  return find_zero(digits, code, count) != NULL;
}

int np_is_number_without_zero(const char *digits, size_t code, size_t count) {
  const leading_zero *zero = find_zero(digits, code, count);
  return zero != NULL && strchr(zero->without, digits[code + 1]) != NULL;
}

const char *np_trunk_prefix(const char *digits, size_t code, size_t count, size_t group) {
  for (size_t i = 0; i < sizeof trunk_prefixes / sizeof *trunk_prefixes; i++) {
    const trunk_prefix *trunk = &trunk_prefixes[i];
    size_t length = strlen(trunk->prefix);
    if (!is_code(trunk->code, digits, code) || count < length) continue;
    if (memcmp(digits + code, trunk->prefix, length) != 0) continue;
    if (count == trunk->count + length || group == length) return trunk->prefix;
  }
  return NULL;
}
