#ifndef KIT_BASE_JSON_CHECK_H
#define KIT_BASE_JSON_CHECK_H

#include "kit/base/json.h"

/* What a sound text holds, so that json_parse can tell whether json-c kept all of it. */
struct json_count {
	size_t keys, items;
};

/* json_check that tells what it counted; for json.c alone. */
const struct err *json_check_count(struct arena *a, struct str text,
				   const struct json_limits *limits,
				   struct json_count *ret) must_check;

#endif
