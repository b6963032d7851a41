/*
 * Names of a template to fields of a shape: the checks that keep an unknown name, a raw text or a
 * printed list from ever reaching a page.
 */
#include "kit/render/mustache.h"

#include "kit/base/arena.h"

#define REFUSE(b, ...) template_fault((b)->arena, (b)->template, (b)->node->line, __VA_ARGS__)

/* One more part of a dotted name: into the object that the field holds or refers to. */
static const struct err *step(const struct binding *b, struct place *place, const struct field *f)
{
	if (f->type == FIELD_OBJECT) {
		place->off += f->off;
		return NULL;
	}
	if (f->type != FIELD_REF)
		return REFUSE(b, "\"%s\" of \"%.*s\" has no parts", f->name,
			      STR_ARG(b->node->text));
	if (place->nhops == HOPS_MAX)
		return REFUSE(b, "\"%.*s\" goes through too many references",
			      STR_ARG(b->node->text));
	place->hops[place->nhops++] = place->off + f->off;
	place->off = 0;
	return NULL;
}

static const struct err *find_first(const struct binding *b, struct str name, struct op *op)
{
	const struct scope *scope = b->scope;

	for (; scope; scope = scope->outer) {
		/* The only field of a plain value goes by the name "." alone. */
		if (scope->shape->scalar)
			continue;
		op->field = shape_find(scope->shape, name);
		op->place.level = scope->level;
		if (op->field)
			return NULL;
	}
	return REFUSE(b, "there is no \"%.*s\" here", STR_ARG(name));
}

static const struct err *find(const struct binding *b, struct op *op)
{
	struct str rest = b->node->text, name;

	if (str_eq(rest, STR("."))) {
		if (!b->scope->shape->scalar)
			return REFUSE(b, "{{.}} is for lists of plain values");
		op->field = b->scope->shape->fields;
		op->place.level = b->scope->level;
		return NULL;
	}
	name = str_cut(&rest, '.');
	TRY(find_first(b, name, op));
	while (rest.p) {
		const struct shape *item = op->field->item;

		TRY(step(b, &op->place, op->field));
		name = str_cut(&rest, '.');
		op->field = shape_find(item, name);
		if (!op->field)
			return REFUSE(b, "there is no \"%.*s\" in \"%.*s\"", STR_ARG(name),
				      STR_ARG(b->node->text));
	}
	return NULL;
}

static const struct err *check_printable(const struct binding *b, enum field_type type)
{
	bool raw = b->node->kind == NODE_RAW;
	struct str name = b->node->text;

	switch (type) {
	case FIELD_STR:
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_UUID:
	case FIELD_ENUM:
		if (raw)
			return REFUSE(b, "\"%.*s\" is no html, so it can't be printed raw",
				      STR_ARG(name));
		return NULL;
	case FIELD_HTML:
		if (b->template->plain)
			return REFUSE(b, "\"%.*s\" is html, and this is plain text", STR_ARG(name));
		if (!raw)
			return REFUSE(b, "\"%.*s\" is html: {{{%.*s}}}", STR_ARG(name),
				      STR_ARG(name));
		return NULL;
	case FIELD_BOOL:
		return REFUSE(b, "\"%.*s\" is true or false: use a section", STR_ARG(name));
	case FIELD_JSON:
		return REFUSE(b, "\"%.*s\" is JSON, which has no place in a page", STR_ARG(name));
	case FIELD_OBJECT:
	case FIELD_REF:
		return REFUSE(b, "\"%.*s\" is an object: name a part of it", STR_ARG(name));
	case FIELD_LIST:
		return REFUSE(b, "\"%.*s\" is a list: use a section", STR_ARG(name));
	}
	return NULL;
}

const struct err *bind_print(const struct binding *b, struct op *op)
{
	TRY(find(b, op));
	if (op->field->secret)
		return REFUSE(b, "\"%.*s\" is secret and never shown", STR_ARG(b->node->text));
	return check_printable(b, op->field->type);
}

const struct err *bind_section(const struct binding *b, struct op *op, struct scope *room,
			       const struct scope **inner)
{
	TRY(find(b, op));
	*inner = b->scope;
	if (b->node->kind == NODE_INVERTED || !op->field->item)
		return NULL;
	if (b->scope->level + 1 == LEVELS_MAX)
		return REFUSE(b, "\"%.*s\" is nested too deep", STR_ARG(b->node->text));
	*room = (struct scope){ .outer = b->scope,
				.shape = op->field->item,
				.level = b->scope->level + 1 };
	op->push = room->level;
	*inner = room;
	return NULL;
}
