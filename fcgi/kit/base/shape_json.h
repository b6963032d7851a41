#ifndef KIT_BASE_SHAPE_JSON_H
#define KIT_BASE_SHAPE_JSON_H

#include "kit/base/buf.h"
#include "kit/base/err.h"
#include "kit/base/shape.h"

struct json;

/* The door out to JSON: every field by its name; none of a type that can be none prints null. */
void shape_put_json(struct buf *out, const struct shape *s, const void *object);
/* The JSON Schema of what it prints (output) or of what the input door takes (input), for OpenAPI.
 */
void shape_put_schema(struct buf *out, const struct shape *s, bool input);

/*
 * Reads back what shape_put_json wrote and the database kept: absent and null are none, what the
 * shape does not know is passed over.  ERR_INTERNAL where a value is of another type.  Its texts
 * borrow from `text`.  What comes from outside goes through kit/http's input instead.
 */
const struct err *shape_read_json(struct arena *a, const struct shape *s, struct str text,
				  void *object) must_check;

#endif
