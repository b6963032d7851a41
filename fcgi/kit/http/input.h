#ifndef KIT_HTTP_INPUT_H
#define KIT_HTTP_INPUT_H

#include "kit/http/http.h"

/* What the files that bind and repeat input share; only this room includes it. */

/* Characters of a text and entries of a list, where a field names no maximum. */
#define INPUT_MAX 1000

/* Where a value stands: "nodes[2].title" for the API, "title" in a form. */
struct place {
	struct req *req;
	struct str path;
};

bool input_is_text(struct str bytes); /* UTF-8 without NUL */

/* input_problem by the field's label: "Your name" and "is needed." */
void input_complain(const struct place *p, const struct field *f, const char *what);

/* Binds a value that came as text, from a form or a query, or as a JSON string. */
void input_bind_text(const struct place *p, const struct field *f, struct str text, void *at);
void input_bind_number(const struct place *p, const struct field *f, int64_t value, int64_t *ret);
/* given: takes a bit for each field of s that came; NULL where nobody asks. */
void input_bind_object(const struct place *p, const struct shape *s, const struct json *j,
		       char *object, uint64_t *given);

/* The body's parts to r->form; false where it is malformed.  A file may hold anything. */
bool multipart_decode(struct req *r);
/* Before anything came: enums have no value, 0 being one. */
void input_set_absent(const struct shape *s, void *object);
bool input_in_list(const char *names, struct str name); /* names: "a,b", or NULL */

#endif
