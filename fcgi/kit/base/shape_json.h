#ifndef KIT_BASE_SHAPE_JSON_H
#define KIT_BASE_SHAPE_JSON_H

#include "kit/base/buf.h"
#include "kit/base/shape.h"

/* The door out to JSON: every field by its name; none of a type that can be none prints null. */
void shape_put_json(struct buf *out, const struct shape *s, const void *object);
/* The JSON Schema of what it prints (output) or of what the input door takes (input), for OpenAPI.
 */
void shape_put_schema(struct buf *out, const struct shape *s, bool input);

#endif
