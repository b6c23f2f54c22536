/* The rows of the operation table, from the vendor's reference of the NumberPool and Powerpack APIs. */
#include "operation.h"

#include <stddef.h>
#include <string.h>

#define END \
  { NULL, NULL, NP_TEXT, 0, NP_BY_METHOD }

static const np_parameter none[] = {END};

static const np_parameter service[] = {{"service", "service", NP_SERVICE, 0, NP_BY_METHOD}, END};

static const np_parameter unrent[] = {{"unrent", "unrent", NP_BOOLEAN, 0, NP_BOTH_IF_TRUE}, END};

static const np_parameter unrent_numbers[] = {{"unrent_numbers", "unrent_numbers", NP_BOOLEAN, 0, NP_BOTH_IF_TRUE},
                                              END};

static const np_parameter page[] = {
    {"limit", "limit", NP_LIMIT, 0, NP_BY_METHOD},
    {"offset", "offset", NP_OFFSET, 0, NP_BY_METHOD},
    END,
};

#define NUMBER_FILTER                                                                                              \
  {"starts_with", "starts_with", NP_PREFIXES, 0, NP_BY_METHOD}, {"type", "type", NP_NUMBER_TYPE, 0, NP_BY_METHOD}, \
      {"service", "service", NP_SERVICE, 0, NP_BY_METHOD}, {                                                       \
    "country_iso2", "country_iso2", NP_COUNTRY, 0, NP_BY_METHOD                                                    \
  }

static const np_parameter number_filter[] = {NUMBER_FILTER, END};

static const np_parameter number_page[] = {
    NUMBER_FILTER,
    {"limit", "limit", NP_LIMIT, 0, NP_BY_METHOD},
    {"offset", "offset", NP_OFFSET, 0, NP_BY_METHOD},
    END,
};

#define POWERPACK_FIELDS(name_is_required)                                       \
  {"name", "name", NP_TEXT, name_is_required, NP_BY_METHOD},                     \
      {"sticky_sender", "sticky_sender", NP_BOOLEAN, 0, NP_BY_METHOD},           \
      {"local_connect", "local_connect", NP_BOOLEAN, 0, NP_BY_METHOD},           \
      {"application_type", "application_type", NP_APPLICATION, 0, NP_BY_METHOD}, \
      {"application_id", "application_id", NP_IDENTIFIER, 0, NP_BY_METHOD}, {    \
    "number_priority", "number_priority", NP_PRIORITY, 0, NP_BY_METHOD           \
  }

static const np_parameter new_powerpack[] = {POWERPACK_FIELDS(1), END};
static const np_parameter changed_powerpack[] = {POWERPACK_FIELDS(0), END};

static const np_parameter search[] = {
    {"country_iso2", "country_iso", NP_COUNTRY, 0, NP_BY_METHOD},
    {"type", "type", NP_SEARCH_TYPE, 0, NP_BY_METHOD},
    {"pattern", "pattern", NP_TEXT, 0, NP_BY_METHOD},
    {"region", "region", NP_TEXT, 0, NP_BY_METHOD},
    {"services", "services", NP_SERVICES, 0, NP_BY_METHOD},
    {"limit", "limit", NP_LIMIT, 0, NP_BY_METHOD},
    {"offset", "offset", NP_OFFSET, 0, NP_BY_METHOD},
    END,
};

#define ONE_NUMBER "NumberPool/{pool}/Number/{target}/"
#define ALL_NUMBERS "NumberPool/{pool}/Number/"
#define ONE_SHORTCODE "NumberPool/{pool}/Shortcode/{target}/"
#define ALL_SHORTCODES "NumberPool/{pool}/Shortcode/"
#define ONE_TOLLFREE "NumberPool/{pool}/Tollfree/{target}/"
#define ALL_TOLLFREE "NumberPool/{pool}/Tollfree/"
#define ONE_POWERPACK "Powerpack/{target}/"
#define ALL_POWERPACKS "Powerpack/"

/* clang-format off */
const np_operation np_operations[] = {
  /* name, object, method, path, target, result, verification, verified by, always sent, parameters, section */
  {"get", NP_OF_POOL, "GET", "NumberPool/{pool}/", NP_NO_TARGET, NP_ONE,
   NP_UNVERIFIED, NULL, NULL, none, "The Number Pool Object"},

  {"add_number", NP_OF_POOL, "POST", ONE_NUMBER, NP_NUMBER, NP_ONE,
   NP_VERIFIED_BY_PATH, "find_number", NULL, service, "Add a Number"},
  {"find_number", NP_OF_POOL, "GET", ONE_NUMBER, NP_NUMBER, NP_ONE,
   NP_UNVERIFIED, NULL, NULL, service, "Retrieve a Number"},
  {"list_numbers", NP_OF_POOL, "GET", ALL_NUMBERS, NP_NO_TARGET, NP_LIST,
   NP_UNVERIFIED, NULL, NULL, number_page, "List All Numbers"},
  {"count_numbers", NP_OF_POOL, "GET", ALL_NUMBERS, NP_NO_TARGET, NP_COUNT,
   NP_UNVERIFIED, NULL, "limit=1", number_filter, "List All Numbers"},
  {"remove_number", NP_OF_POOL, "DELETE", ONE_NUMBER, NP_NUMBER, NP_ONE,
   NP_VERIFIED_BY_PATH, "find_number", NULL, unrent, "Remove a Number"},
  {"buy_number", NP_OF_POOL, "POST", ONE_NUMBER, NP_NUMBER, NP_ONE,
   NP_VERIFIED_BY_PATH, "find_number", "\"rent\":true", service, "Add a Number"},

  {"find_shortcode", NP_OF_POOL, "GET", ONE_SHORTCODE, NP_SHORTCODE, NP_ONE,
   NP_UNVERIFIED, NULL, NULL, none, "Retrieve a Shortcode"},
  {"list_shortcodes", NP_OF_POOL, "GET", ALL_SHORTCODES, NP_NO_TARGET, NP_LIST,
   NP_UNVERIFIED, NULL, NULL, page, "List All Shortcodes"},
  {"remove_shortcode", NP_OF_POOL, "DELETE", ONE_SHORTCODE, NP_SHORTCODE, NP_ONE,
   NP_VERIFIED_BY_PATH, "find_shortcode", NULL, none, "Remove a Shortcode"},

  {"add_tollfree", NP_OF_POOL, "POST", ONE_TOLLFREE, NP_NUMBER, NP_ONE,
   NP_VERIFIED_BY_PATH, "find_tollfree", NULL, none, "Add a Toll-Free Number"},
  {"find_tollfree", NP_OF_POOL, "GET", ONE_TOLLFREE, NP_NUMBER, NP_ONE,
   NP_UNVERIFIED, NULL, NULL, none, "Retrieve a Toll-Free Number"},
  {"list_tollfree", NP_OF_POOL, "GET", ALL_TOLLFREE, NP_NO_TARGET, NP_LIST,
   NP_UNVERIFIED, NULL, NULL, page, "List All Toll-Free Numbers"},
  {"remove_tollfree", NP_OF_POOL, "DELETE", ONE_TOLLFREE, NP_NUMBER, NP_ONE,
   NP_VERIFIED_BY_PATH, "find_tollfree", NULL, unrent, "Remove a Toll-Free Number"},

  {"create", NP_OF_POWERPACKS, "POST", ALL_POWERPACKS, NP_NO_TARGET, NP_ONE,
   NP_VERIFIED_BY_NAME, "list", NULL, new_powerpack, "Powerpack"},
  {"get", NP_OF_POWERPACKS, "GET", ONE_POWERPACK, NP_UUID, NP_ONE,
   NP_UNVERIFIED, NULL, NULL, none, "Powerpack"},
  {"list", NP_OF_POWERPACKS, "GET", ALL_POWERPACKS, NP_NO_TARGET, NP_LIST,
   NP_UNVERIFIED, NULL, NULL, page, "Powerpack"},
  {"update", NP_OF_POWERPACKS, "POST", ONE_POWERPACK, NP_UUID, NP_ONE,
   NP_VERIFIED_BY_PATH, "get", NULL, changed_powerpack, "Powerpack"},
  {"delete", NP_OF_POWERPACKS, "DELETE", ONE_POWERPACK, NP_UUID, NP_ONE,
   NP_VERIFIED_BY_PATH, "get", NULL, unrent_numbers, "Powerpack"},

  {"search_numbers", NP_OF_CLIENT, "GET", "PhoneNumber/", NP_NO_TARGET, NP_LIST,
   NP_UNVERIFIED, NULL, NULL, search, "PhoneNumber"},

  {NULL, NP_OF_CLIENT, NULL, NULL, NP_NO_TARGET, NP_ONE, NP_UNVERIFIED, NULL, NULL, NULL, NULL},
};
/* clang-format on */

const char *np_object_name(np_object object) {
  switch (object) {
    case NP_OF_POOL: return "pool";
    case NP_OF_POWERPACKS: return "powerpacks";
    case NP_OF_CLIENT: return "client";
  }
  return "";
}

const char *np_target_name(np_target target) {
  switch (target) {
    case NP_NO_TARGET: return "";
    case NP_NUMBER: return "number";
    case NP_SHORTCODE: return "shortcode";
    case NP_UUID: return "uuid";
  }
  return "";
}

int np_is_change(const np_operation *operation) { return strcmp(operation->method, "GET") != 0; }
