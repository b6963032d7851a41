#ifndef KIT_BASE_JSON_H
#define KIT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/err.h"
#include "kit/base/str.h"

struct arena;

/*
 * JSON from outside.  A strict check (RFC 8259 to the letter, and our bounds) stands in front of
 * json-c, which alone would take NaN, -01 and raw control characters.  A value lives as long as the
 * arena.
 */
struct json; /* opaque; NULL is the JSON null */

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_DOUBLE,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json_limits {
	size_t bytes, depth;
	size_t keys;   /* of one object: so many can collide in its table */
	size_t values; /* of all objects and arrays together: an empty object of two bytes takes a
			  kilobyte once read */
};

extern const struct json_limits json_default_limits; /* 1 MiB, 32 deep, 1,000, 100,000 */

/*
 * NULL where the text is sound.  ERR_MALFORMED where it is not JSON, is nested too deeply or holds
 * too many keys or values, ERR_TOO_LARGE over limits->bytes.  ERR_INVALID where it is JSON that we
 * cannot keep: U+0000 and half a surrogate pair, for PostgreSQL has no place for them, and whole
 * numbers beyond 64 bits.
 */
const struct err *json_check(struct arena *a, struct str text,
			     const struct json_limits *limits) must_check;
/* As json_check; ERR_INVALID also for a key twice in an object and a number that no double holds.
 */
const struct err *json_parse(struct arena *a, struct str text, const struct json_limits *limits,
			     const struct json **ret) must_check;

enum json_type json_type(const struct json *j);
struct str json_str(const struct json *j); /* of a JSON_STRING, else none; borrows j */
int64_t json_int(const struct json *j);    /* of a JSON_INT, else 0 */
double json_double(const struct json *j);  /* of either number, else 0 */
bool json_bool(const struct json *j);      /* of a JSON_BOOL, else false */
size_t json_length(const struct json *j);  /* items of an array, keys of an object, else 0 */
const struct json *json_item(const struct json *j, size_t index);
/* Of an object: NULL both for null and for absent, told apart by json_has. */
const struct json *json_get(const struct json *j, struct str key);
bool json_has(const struct json *j, struct str key);
/* Calls fn for each key in the order of the text, until fn returns an error. */
const struct err *json_each(const struct json *j,
			    const struct err *(*fn)(void *ctx, struct str key,
						    const struct json *value),
			    void *ctx) must_check;
/* Compact text of the value. */
struct str json_text(struct arena *a, const struct json *j);

#endif
