#ifndef KIT_BASE_SHAPE_H
#define KIT_BASE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/clock.h"
#include "kit/base/str.h"
#include "kit/base/uuid.h"

/*
 * A struct described once, for four doors: SQL rows come in through kit/db, forms and JSON bodies
 *through kit/http, JSON goes out through shape_json.h and HTML through kit/render.
 *
 *	struct team_row { struct uuid id; struct str name; int64_t members; };
 *	static const struct shape team_row = SHAPE(struct team_row, F_UUID(struct team_row, id),
 *	        F_STR(struct team_row, name), F_INT(struct team_row, members));
 *
 * A member of another type than its F_ says does not compile.  Limits matter to inputs only.
 */
enum field_type {
	FIELD_STR,    /* struct str */
	FIELD_INT,    /* int64_t */
	FIELD_BOOL,   /* bool */
	FIELD_TIME,   /* struct instant; 0 is none */
	FIELD_UUID,   /* struct uuid */
	FIELD_ENUM,   /* int, an index into .names */
	FIELD_HTML,   /* struct html: made by kit/render only, printed raw */
	FIELD_JSON,   /* struct json_text: finished JSON, printed as it is */
	FIELD_OBJECT, /* an embedded struct of shape .item */
	FIELD_REF,    /* a pointer to one, NULL for none */
	FIELD_LIST,   /* struct list of structs of shape .item */
};

struct html {
	struct str s;
};

struct json_text {
	struct str s;
};

struct list {
	const void *items;
	size_t n;
};

struct names {
	const char *const *text;
	size_t n;
};

/* What people read for a value. */
struct choice {
	const char *value, *label;
};

struct shape {
	size_t size, nfields;
	const struct field *fields;
	bool scalar;           /* a list of such is a list of its only field's values */
	const char *read_only; /* inputs: fields that may be sent back and are ignored,
				  "id,created_at" */
	const char *label;     /* the schema's name in the OpenAPI document, where it has one */
	bool open;             /* inputs: any names may come, and the handler reads r->json */
	/* Outputs of several kinds: which of .variants prints this object; they share its struct.
	 */
	size_t (*variant)(const void *object);
	const struct shape *const *variants; /* NULL-ended */
};

struct field {
	const char *name;
	enum field_type type;
	size_t off;
	const struct shape *item;
	const struct names *names;
	bool null;        /* a column or a JSON value that may be null */
	bool optional;    /* an input that may be absent */
	bool secret;      /* never shown again, never logged */
	bool lines;       /* a text that may hold line breaks and tabs */
	bool any;         /* a text that may hold any character that can be stored */
	bool exact;       /* a text that is not trimmed, such as a password */
	int64_t min, max; /* characters of a text, value of a number; max 0: the door's own bound */
	const char *label;            /* as the form calls it: "Your name" */
	const struct choice *choices; /* what the form calls its values; ended by one without a
					 value */
	const char *(*check)(struct str value); /* NULL, or what is wrong with it */
};

#define FIELD_(T, m, ctype, ftype)                                                                 \
	.name = #m, .type = (ftype), .off = _Generic(((T *)0)->m, ctype : offsetof(T, m))

#define F_STR(T, m, ...)                                                                           \
	{                                                                                          \
		FIELD_(T, m, struct str, FIELD_STR), __VA_ARGS__                                   \
	}
#define F_INT(T, m, ...)                                                                           \
	{                                                                                          \
		FIELD_(T, m, int64_t, FIELD_INT), __VA_ARGS__                                      \
	}
#define F_BOOL(T, m, ...)                                                                          \
	{                                                                                          \
		FIELD_(T, m, bool, FIELD_BOOL), __VA_ARGS__                                        \
	}
#define F_TIME(T, m, ...)                                                                          \
	{                                                                                          \
		FIELD_(T, m, struct instant, FIELD_TIME), __VA_ARGS__                              \
	}
#define F_UUID(T, m, ...)                                                                          \
	{                                                                                          \
		FIELD_(T, m, struct uuid, FIELD_UUID), __VA_ARGS__                                 \
	}
#define F_ENUM(T, m, ns, ...)                                                                      \
	{                                                                                          \
		FIELD_(T, m, int, FIELD_ENUM), .names = (ns), __VA_ARGS__                          \
	}
#define F_HTML(T, m, ...)                                                                          \
	{                                                                                          \
		FIELD_(T, m, struct html, FIELD_HTML), __VA_ARGS__                                 \
	}
#define F_JSON(T, m, ...)                                                                          \
	{                                                                                          \
		FIELD_(T, m, struct json_text, FIELD_JSON), __VA_ARGS__                            \
	}
#define F_LIST(T, m, s, ...)                                                                       \
	{                                                                                          \
		FIELD_(T, m, struct list, FIELD_LIST), .item = (s), __VA_ARGS__                    \
	}
#define F_OBJECT(T, m, C, s, ...)                                                                  \
	{                                                                                          \
		FIELD_(T, m, C, FIELD_OBJECT), .item = (s), __VA_ARGS__                            \
	}
#define F_REF(T, m, C, s, ...)                                                                     \
	{                                                                                          \
		FIELD_(T, m, const C *, FIELD_REF), .item = (s), __VA_ARGS__                       \
	}

/* The trailing members of struct shape may follow: SHAPE_WITH(T, (.read_only = "id"), fields...).
 */
#define SHAPE_FIELDS_(T, ...)                                                                      \
	.size = sizeof(T),                                                                         \
	.nfields = sizeof((const struct field[]){ __VA_ARGS__ }) / sizeof(struct field),           \
	.fields = (const struct field[])                                                           \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define SHAPE_UNWRAP_(...) __VA_ARGS__
#define SHAPE(T, ...)                                                                              \
	{                                                                                          \
		SHAPE_FIELDS_(T, __VA_ARGS__)                                                      \
	}
#define SHAPE_WITH(T, extra, ...)                                                                  \
	{                                                                                          \
		SHAPE_FIELDS_(T, __VA_ARGS__), SHAPE_UNWRAP_ extra                                 \
	}

#define NAMES(...)                                                                                 \
	{                                                                                          \
		.text = (const char *const[]){ __VA_ARGS__ },                                      \
		.n = sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)                 \
	}

#define LIST_OF(array, count) ((struct list){ (array), (count) })

/* A list of plain texts: F_LIST(T, tags, &shape_texts). */
extern const struct shape shape_texts;

/* An object of names that only the handler knows. */
extern const struct shape shape_any_object;

const struct field *shape_find(const struct shape *s, struct str name);
bool names_find(const struct names *names, struct str text, int *ret);
struct str names_text(const struct names *names, int value);
/* What people read for this value of a field; the value itself where nobody gave it a name. */
struct str field_choice(const struct field *f, struct str value);
/* What section tests and .null printing mean by "there is something". */
bool field_is_set(const struct field *f, const void *object);

static inline const void *field_at(const struct field *f, const void *object)
{
	return (const char *)object + f->off;
}

static inline const void *list_at(struct list l, const struct shape *item, size_t index)
{
	return (const char *)l.items + index * item->size;
}

#endif
