#ifndef SESSIONS_VALUES_H
#define SESSIONS_VALUES_H

#include "flows/doc.h"
#include "kit/base/err.h"

struct arena;
struct json;

/*
 * The variables of a session: the fields of its flow's version, and what they are filled with.
 * Pure.  A value is kept as the JSON that it came as (text, number, true or false); null stands for
 * a password, whose text is kept elsewhere.
 */
#define VALUE_TEXT_MAX 4000 /* characters */

struct value {
	const struct flow_field *field;
	struct str json; /* none: unfilled */
	struct str text; /* as people read it; none: unfilled, or a password not to be read */
	bool filled;
};

struct values {
	struct value *items; /* in the order of the fields */
	size_t n;
};

/* passwords: a JSON object of name to text, of those that may be read. */
const struct err *values_read(struct arena *a, const struct flow_doc *d, struct str variables,
			      struct str passwords, struct values *ret) must_check;
/* NULL where the flow has no such field. */
const struct value *values_find(const struct values *v, struct str name);
size_t values_unfilled(const struct values *v, bool required_only);

/* A value as it came, judged by its field. */
struct value_change {
	const struct flow_field *field;
	struct str json; /* none: it becomes unfilled */
	struct str text;
};
/* NULL, or what is wrong with it: "Choose one of the answers." */
const char *value_take(struct arena *a, const struct flow_field *f, const struct json *j,
		       struct value_change *ret);
/* The same of a form's text. */
const char *value_take_text(struct arena *a, const struct flow_field *f, struct str typed,
			    struct value_change *ret);

enum unfilled { UNFILLED_TOKEN, UNFILLED_BLANK };
/* By how much values may make one line longer: there are thousands of lines on a page. */
#define VALUES_LINE_ROOM ((size_t)2048)
/* A text with its [VAR:name] filled; a password never is, and stands as its token.  Where values
 * would make it longer than by room, it stays as it is. */
struct str values_resolve(struct arena *a, const struct values *v, struct str text,
			  enum unfilled unfilled, size_t room);

#endif
