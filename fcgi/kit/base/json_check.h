#ifndef KIT_BASE_JSON_CHECK_H
#define KIT_BASE_JSON_CHECK_H

#include "kit/base/json.h"

/* What the readers of JSON share, for json.c and shape_read.c alone. */

/* What a sound text holds, so that json_parse can tell whether json-c kept all of it. */
struct json_count {
	size_t keys, items;
};

/* json_check that tells what it counted. */
const struct err *json_check_count(struct arena *a, struct str text,
				   const struct json_limits *limits,
				   struct json_count *ret) must_check;
/* The four hexadecimal digits that a text begins with; false where there are none. */
bool json_hex(struct str text, uint32_t *ret);

#endif
