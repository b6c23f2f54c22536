/* The operation table: one row for each call of the API. Methods, requests, documentation checks and
 * specs are made from it; adding an operation is adding a row. */
#ifndef NP_OPERATION_H
#define NP_OPERATION_H

/* Which object has the method. */
typedef enum np_object { NP_OF_POOL, NP_OF_POWERPACKS, NP_OF_CLIENT } np_object;

/* What the first argument names and {target} in the path stands for. */
typedef enum np_target { NP_NO_TARGET, NP_NUMBER, NP_SHORTCODE, NP_UUID } np_target;

/* What an option may be; value.c checks each. */
typedef enum np_type {
  NP_BOOLEAN,
  NP_COUNTRY,     /* ISO 3166-1 alpha-2 */
  NP_IDENTIFIER,  /* up to 64 of [A-Za-z0-9_-], or empty */
  NP_LIMIT,       /* 1 to 20 */
  NP_OFFSET,      /* 0 and up */
  NP_PREFIXES,    /* a string with commas, or a list */
  NP_PRIORITY,    /* a list of number priorities */
  NP_SEARCH_TYPE, /* fixed, mobile, tollfree, local, national: the words of PhoneNumber/ */
  NP_SERVICE,     /* sms or mms */
  NP_SERVICES,    /* sms, mms and voice, with commas */
  NP_NUMBER_TYPE, /* fixed, mobile, toll-free */
  NP_APPLICATION, /* xml or phlo in any case, or empty */
  NP_TEXT         /* any UTF-8 text that isn't empty */
} np_type;

/* Where an option goes: a read's into the query and a change's into the body, or a change's flag into both when it is
 * true, because the reference has it in the query and the vendor's SDKs send it in the body. */
typedef enum np_place { NP_BY_METHOD, NP_BOTH_IF_TRUE } np_place;

typedef struct np_parameter {
  const char *name; /* as the caller writes it */
  const char *wire; /* as the API writes it */
  np_type type;
  int is_required;
  np_place place;
} np_parameter;

/* What a successful answer is made into. */
typedef enum np_result { NP_ONE, NP_LIST, NP_COUNT } np_result;

/* How to find out whether a change happened where no answer says so: not at all, by reading the same path, or by
 * looking for its name in the list of all. */
typedef enum np_verification { NP_UNVERIFIED, NP_VERIFIED_BY_PATH, NP_VERIFIED_BY_NAME } np_verification;

typedef struct np_operation {
  const char *name;
  np_object object;
  const char *method; /* of HTTP */
  const char *path;   /* below /v1/Account/{auth_id}/ */
  np_target target;
  np_result result;
  np_verification verification;
  const char *verified_by; /* the operation that reads what this one changes */
  const char *always_sent; /* in the query or the body */
  const np_parameter *parameters;
  const char *section; /* of the vendor's reference */
} np_operation;

/* Ends with a row whose name is NULL. */
extern const np_operation np_operations[];

const char *np_object_name(np_object object);
const char *np_target_name(np_target target);
int np_is_change(const np_operation *operation);

#endif
