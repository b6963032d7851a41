/*
 * The same compiler over a JSON value: names are looked up while the program runs, and a partial
 * may hold itself.  No page is made this way; it is the door through which the official tests come
 * in.
 */
#include "kit/render/render.h"

#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/render/mustache.h"

/* Loops within loops and partials within themselves end here, whatever the template says. */
#define RECURSION_MAX 64
#define STEPS_MAX     (1000 * 1000)
#define LATER_STEPS   1000

struct value_library {
	struct library lib; /* first, so that one is the other */
	struct arena *arena;
	const struct partial *partials;
	struct template *parsed; /* as many; root NULL until wanted */
	size_t n;
};

struct context {
	const struct context *outer;
	const struct json *value;
};

struct run {
	struct arena *arena;
	struct library *lib;
	struct buf *out;
	int depth, steps;
};

static const struct err *find_partial(struct library *lib, struct str name,
				      const struct template **ret)
{
	struct value_library *l = (struct value_library *)lib;

	*ret = NULL;
	for (size_t at = 0; at < l->n && !*ret; at++) {
		struct template *t = &l->parsed[at];

		if (!str_eq(l->partials[at].name, name))
			continue;
		t->name = t->file = name;
		if (!t->root)
			TRY(template_parse(l->arena, t, l->partials[at].text));
		*ret = t;
	}
	return NULL;
}

static const struct json *look_up(const struct context *context, struct str name)
{
	struct str rest = name, first = str_cut(&rest, '.');
	const struct json *value;

	if (str_eq(name, STR(".")))
		return context->value;
	while (context && !json_has(context->value, first))
		context = context->outer;
	if (!context)
		return NULL;
	value = json_get(context->value, first);
	while (rest.p)
		value = json_get(value, str_cut(&rest, '.'));
	return value;
}

static bool is_something(const struct json *value)
{
	enum json_type type = json_type(value);

	return type != JSON_NULL && !(type == JSON_BOOL && !json_bool(value)) &&
	       !(type == JSON_ARRAY && json_length(value) == 0);
}

static void print(const struct run *r, const struct op *op, const struct json *value)
{
	enum json_type type = json_type(value);
	struct str text = type == JSON_STRING ? json_str(value) : STR("");

	if (type != JSON_STRING && type != JSON_NULL)
		text = json_text(r->arena, value);
	if (op->kind == OP_RAW)
		buf_put(r->out, text);
	else
		buf_put_html(r->out, text);
}

static const struct err *run(struct run *r, struct program p, const struct context *context);

static const struct err *section(struct run *r, const struct op *op, const struct context *context,
				 const struct json *value)
{
	const struct program body = { .ops = op + 1, .n = op->body };
	struct context inner = { .outer = context, .value = value };

	if (is_something(value) != (op->kind == OP_SECTION))
		return NULL;
	if (op->kind == OP_INVERTED)
		return run(r, body, context);
	if (json_type(value) != JSON_ARRAY)
		return run(r, body, &inner);
	for (size_t at = 0; at < json_length(value); at++) {
		inner.value = json_item(value, at);
		TRY(run(r, body, &inner));
	}
	return NULL;
}

static const struct err *later(struct run *r, const struct op *op, const struct context *context)
{
	struct program p;
	const struct err *e;

	if (r->depth == RECURSION_MAX)
		return ERR(r->arena, ERR_INTERNAL, "a partial holds itself without end");
	r->steps += LATER_STEPS;
	TRY(compile_later(r->arena, r->lib, op->later, &p));
	r->depth++;
	e = run(r, p, context);
	r->depth--;
	return e;
}

static const struct err *run_op(struct run *r, const struct op *op, const struct context *context)
{
	if (++r->steps > STEPS_MAX)
		return ERR(r->arena, ERR_INTERNAL, "a template that runs too long");
	switch (op->kind) {
	case OP_TEXT:
		buf_put(r->out, op->text);
		return NULL;
	case OP_PRINT:
	case OP_RAW:
		print(r, op, look_up(context, op->text));
		return NULL;
	case OP_SECTION:
	case OP_INVERTED:
		return section(r, op, context, look_up(context, op->text));
	case OP_LATER:
		return later(r, op, context);
	}
	return NULL;
}

static const struct err *run(struct run *r, struct program p, const struct context *context)
{
	const struct op *end = p.ops + p.n;

	for (const struct op *op = p.ops; op < end && !r->out->full; op += op->body + 1)
		TRY(run_op(r, op, context));
	return NULL;
}

const struct err *render_json(struct arena *a, struct str template, const struct partial *partials,
			      size_t npartials, const struct json *value, struct buf *out)
{
	struct value_library lib = {
		.lib = { find_partial }, .arena = a, .partials = partials, .n = npartials
	};
	struct template root = { .name = STR("template"), .file = STR("template") };
	struct run r = { .arena = a, .lib = &lib.lib, .out = out };
	struct program p;

	lib.parsed = ARENA_ARRAY(a, struct template, npartials);
	TRY(template_parse(a, &root, template));
	TRY(compile(a, &lib.lib, &root, NULL, &p));
	return run(&r, p, &(struct context){ .value = value });
}
