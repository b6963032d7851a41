/*
 * Runs a bound program: no names and no allocation but the output's, only pointers and offsets.  A
 * level is the object that a name is looked up in: the frame, the model, and the items and objects
 * of the sections that are open.
 */
#include "kit/render/mustache.h"

#include <string.h>

#include "kit/base/clock.h"

/* The struct that holds the op's field, NULL behind a reference to nothing. */
static const void *object_of(const struct op *op, const void *const *levels)
{
	const char *object = levels[op->place.level];

	for (unsigned at = 0; at < op->place.nhops; at++) {
		memcpy(&object, object + op->place.hops[at], sizeof(object));
		if (!object)
			return NULL;
	}
	return object + op->place.off;
}

static void put_text(const struct op *op, struct str s, struct buf *out)
{
	if (op->kind == OP_RAW)
		buf_put(out, s);
	else
		buf_put_html(out, s);
}

static void put_time(struct instant at, struct buf *out)
{
	char room[CLOCK_TEXT];

	if (at.us)
		buf_put(out, (struct str){ room, clock_print(at, room) });
}

static void print(const struct op *op, const void *object, struct buf *out)
{
	const struct field *f = op->field;
	const void *v = field_at(f, object);

	switch (f->type) {
	case FIELD_STR:
		put_text(op, *(const struct str *)v, out);
		return;
	case FIELD_HTML:
		buf_put(out, ((const struct html *)v)->s);
		return;
	case FIELD_INT:
		buf_put_int(out, *(const int64_t *)v);
		return;
	case FIELD_TIME:
		put_time(*(const struct instant *)v, out);
		return;
	case FIELD_UUID:
		buf_put(out, uuid_str(v)); /* hex and dashes: nothing to escape */
		return;
	case FIELD_ENUM:
		put_text(op, names_text(f->names, *(const int *)v), out);
		return;
	case FIELD_BOOL:
	case FIELD_JSON:
	case FIELD_OBJECT:
	case FIELD_REF:
	case FIELD_LIST:
		return; /* refused by bind.c */
	}
}

static void run(const struct op *op, const struct op *end, const void **levels, struct buf *out);

static void section(const struct op *op, const void *object, const void **levels, struct buf *out)
{
	const struct field *f = op->field;
	const struct op *body = op + 1, *end = body + op->body;
	const void *v = field_at(f, object);

	if (f->type == FIELD_LIST) {
		const struct list *list = v;

		for (size_t at = 0; at < list->n; at++) {
			levels[op->push] = list_at(*list, f->item, at);
			run(body, end, levels, out);
		}
		return;
	}
	if (!field_is_set(f, object))
		return;
	if (f->type == FIELD_OBJECT)
		levels[op->push] = v;
	if (f->type == FIELD_REF)
		levels[op->push] = *(const void *const *)v;
	run(body, end, levels, out);
}

static void run(const struct op *op, const struct op *end, const void **levels, struct buf *out)
{
	for (; op < end; op += op->body + 1) {
		const void *object;

		if (op->kind == OP_TEXT) {
			buf_put(out, op->text);
			continue;
		}
		object = object_of(op, levels);
		if (op->kind == OP_SECTION && object)
			section(op, object, levels, out);
		else if (op->kind == OP_INVERTED && (!object || !field_is_set(op->field, object)))
			run(op + 1, op + 1 + op->body, levels, out);
		else if (object && (op->kind == OP_PRINT || op->kind == OP_RAW))
			print(op, object, out);
	}
}

void program_run(struct program p, const void *frame, const void *model, struct buf *out)
{
	const void *levels[LEVELS_MAX] = { frame, model };

	run(p.ops, p.ops + p.n, levels, out);
}
