#ifndef KIT_BASE_UUID_H
#define KIT_BASE_UUID_H

#include <stdbool.h>

#include "kit/base/str.h"

/* Kept as the text that PostgreSQL, URLs and JSON all use: 36 lower-case characters, "" for none.
 */
struct uuid {
	char text[37];
};

#define UUID_NONE ((struct uuid){ "" })

bool uuid_parse(struct str text, struct uuid *ret); /* either case in, lower case out */
bool uuid_is_none(struct uuid id);
bool uuid_eq(struct uuid a, struct uuid b);
struct str uuid_str(const struct uuid *id); /* borrows *id; none for UUID_NONE */

#endif
