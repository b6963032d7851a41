/* Forms as pages show them; see form.h. */
#include "kit/http/form.h"

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"

struct field_view {
	struct str name, id, label, value, hint, error, autocomplete, inputmode, list, type, accept;
	bool is_text, is_email, is_password, is_textarea, is_select, is_checkbox, is_file,
		is_hidden;
	bool optional, checked, autofocus;
	struct list options;
};

static const struct shape problem_shape =
	SHAPE(struct problem, F_STR(struct problem, field), F_STR(struct problem, message));
const struct shape option_view_shape =
	SHAPE(struct option_view, F_STR(struct option_view, value),
	      F_STR(struct option_view, label), F_BOOL(struct option_view, selected));
const struct shape form_field_shape =
	SHAPE(struct field_view, F_STR(struct field_view, name), F_STR(struct field_view, id),
	      F_STR(struct field_view, label), F_STR(struct field_view, value),
	      F_STR(struct field_view, hint), F_STR(struct field_view, error),
	      F_STR(struct field_view, autocomplete), F_STR(struct field_view, inputmode),
	      F_STR(struct field_view, list), F_STR(struct field_view, type),
	      F_STR(struct field_view, accept), F_BOOL(struct field_view, is_file),
	      F_BOOL(struct field_view, is_text), F_BOOL(struct field_view, is_email),
	      F_BOOL(struct field_view, is_password), F_BOOL(struct field_view, is_textarea),
	      F_BOOL(struct field_view, is_select), F_BOOL(struct field_view, is_checkbox),
	      F_BOOL(struct field_view, is_hidden), F_BOOL(struct field_view, optional),
	      F_BOOL(struct field_view, checked), F_BOOL(struct field_view, autofocus),
	      F_LIST(struct field_view, options, &option_view_shape));
const struct shape form_view_shape =
	SHAPE(struct form_view, F_STR(struct form_view, action), F_STR(struct form_view, button),
	      F_STR(struct form_view, once), F_BOOL(struct form_view, failed),
	      F_BOOL(struct form_view, upload), F_LIST(struct form_view, errors, &problem_shape),
	      F_LIST(struct form_view, fields, &form_field_shape));

static struct str given_value(const struct form_settings *s, struct str name)
{
	for (const struct pair *value = s->values; value && value->name.p; value++)
		if (str_eq(value->name, name))
			return value->value;
	return STR_NONE;
}

/* What was typed, else what stood there before; a secret is never shown again.  Nobody types what
 * is hidden: it is as it is now. */
static struct str value_of(const struct req *r, const struct form_settings *s,
			   const struct field *f, enum control_kind kind)
{
	struct str name = str_of(f->name), typed = form_value(r, name);
	struct str given = given_value(s, name);
	bool sent = r->method != GET && r->nform;

	if (f->secret || kind == CONTROL_FILE)
		return STR_NONE;
	if (given.p && (!sent || kind == CONTROL_HIDDEN))
		return given;
	return typed;
}

static struct list options_of(struct req *r, const struct field *f, const struct control *c,
			      struct str value)
{
	const struct pair *more = c->more.items;
	struct option_view *options;
	size_t fixed = 0;

	while (f->choices && f->choices[fixed].value)
		fixed++;
	options = ARENA_ARRAY(r->arena, struct option_view, fixed + c->more.n);
	for (size_t at = 0; at < fixed + c->more.n; at++) {
		struct option_view *o = &options[at];

		o->value = at < fixed ? str_of(f->choices[at].value) : more[at - fixed].name;
		o->label = at < fixed ? str_of(f->choices[at].label) : more[at - fixed].value;
		o->selected = str_eq(o->value, value);
	}
	return LIST_OF(options, fixed + c->more.n);
}

/* The name, with a dash for a dot: an id with one in it can't be said in a selector. */
static struct str id_of(struct arena *a, const char *name, const char *end)
{
	struct str id = str_fmt(a, "%s%s", name, end ? end : "");
	char *copy = arena_alloc(a, id.n + 1, 1);

	for (size_t at = 0; at < id.n; at++)
		copy[at] = id.p[at] == '.' ? '-' : id.p[at];
	return (struct str){ copy, id.n };
}

/* Of the controls that one line of text is typed into. */
static struct str type_of(enum control_kind kind)
{
	return kind == CONTROL_TEXT     ? STR("text")
	       : kind == CONTROL_DATE   ? STR("date")
	       : kind == CONTROL_MOMENT ? STR("datetime-local")
	       : kind == CONTROL_TIME   ? STR("time")
					: STR_NONE;
}

static struct field_view field_view(struct req *r, const struct form_settings *s,
				    const struct control *c)
{
	const struct field *f = shape_find(s->input, str_of(c->field));
	struct str value = value_of(r, s, f, c->kind);

	return (struct field_view){
		.name = str_of(f->name),
		.id = id_of(r->arena, f->name, s->id_end),
		.label = str_of(f->label ? f->label : f->name),
		.value = value,
		.hint = str_of(c->hint),
		.error = input_problem_of(r, str_of(f->name)),
		.autocomplete = str_of(c->autocomplete),
		.inputmode = str_of(c->inputmode),
		.list = str_of(c->list),
		.type = type_of(c->kind),
		.is_text = type_of(c->kind).p != NULL,
		.is_email = c->kind == CONTROL_EMAIL,
		.is_password = c->kind == CONTROL_PASSWORD,
		.is_textarea = c->kind == CONTROL_LINES,
		.is_select = c->kind == CONTROL_SELECT,
		.is_checkbox = c->kind == CONTROL_CHECKBOX,
		.is_file = c->kind == CONTROL_FILE,
		.accept = str_of(c->accept),
		.is_hidden = c->kind == CONTROL_HIDDEN,
		.optional = f->optional && !c->needed && c->kind != CONTROL_CHECKBOX &&
			    c->kind != CONTROL_SELECT,
		.checked = c->kind == CONTROL_CHECKBOX && value.n > 0,
		.options = options_of(r, f, c, value),
	};
}

/* A form that was refused takes the focus by its summary; else its first empty field does. */
static void give_focus(struct req *r, const struct form_settings *s, struct field_view *fields,
		       size_t n)
{
	for (size_t at = 0; at < n && !r->nproblems && !s->quiet; at++) {
		if (!fields[at].is_hidden && fields[at].value.n == 0) {
			fields[at].autofocus = true;
			return;
		}
	}
}

/* Which field a problem is about; one of no field in particular leads to the first that can be
 * seen. */
static size_t field_of(const struct problem *problem, const struct field_view *fields, size_t n)
{
	size_t first = 0;

	for (size_t at = 0; at < n; at++)
		if (str_eq(fields[at].name, problem->field))
			return at;
	while (first + 1 < n && fields[first].is_hidden)
		first++;
	return first;
}

/* In the order of the fields, as the reader goes through them. */
static struct list errors_of(struct req *r, const struct field_view *fields, size_t n)
{
	struct problem *errors = ARENA_ARRAY(r->arena, struct problem, r->nproblems);
	size_t done = 0;

	for (size_t of = 0; of < n; of++)
		for (size_t at = 0; at < r->nproblems; at++)
			if (field_of(&r->problems[at], fields, n) == of)
				errors[done++] =
					(struct problem){ fields[of].id, r->problems[at].message };
	return LIST_OF(errors, done);
}

struct form_view form_view(struct req *r, const struct form_settings *s)
{
	struct field_view *fields;
	bool upload = false;
	size_t n = 0;

	while (s->controls[n].field)
		n++;
	fields = ARENA_ARRAY(r->arena, struct field_view, n + 1);
	for (size_t at = 0; at < n; at++)
		fields[at] = field_view(r, s, &s->controls[at]);
	for (size_t at = 0; at < n; at++)
		upload |= fields[at].is_file;
	give_focus(r, s, fields, n);
	return (struct form_view){
		.action = s->action,
		.button = str_of(s->button),
		.once = s->once ? crypto_token(r->arena) : STR_NONE,
		.failed = r->nproblems > 0,
		.upload = upload,
		.errors = errors_of(r, fields, n),
		.fields = LIST_OF(fields, n),
	};
}

struct list form_part(const struct form_view *form, size_t from, size_t n)
{
	size_t size = form_field_shape.size, all = form->fields.n;

	from = from < all ? from : all;
	return LIST_OF((const char *)form->fields.items + from * size,
		       n < all - from ? n : all - from);
}

static const struct shape check_view_shape =
	SHAPE(struct check_view, F_STR(struct check_view, value), F_STR(struct check_view, label),
	      F_STR(struct check_view, hint), F_BOOL(struct check_view, checked));
const struct shape checks_view_shape = SHAPE(
	struct checks_view, F_STR(struct checks_view, name), F_STR(struct checks_view, legend),
	F_STR(struct checks_view, error), F_LIST(struct checks_view, checks, &check_view_shape));

static bool was_ticked(const struct req *r, struct str field, struct str value)
{
	for (size_t at = 0; at < r->nform; at++)
		if (str_eq(r->form[at].name, field) && str_eq(r->form[at].value, value))
			return true;
	return false;
}

/* What is wrong with the field, or with one of its values. */
static struct str problem_below(const struct req *r, struct str field)
{
	for (size_t at = 0; at < r->nproblems; at++)
		if (str_starts(r->problems[at].field, field))
			return r->problems[at].message;
	return STR_NONE;
}

struct checks_view checks_view(struct req *r, const char *field, const char *legend,
			       struct check_view *checks, size_t n)
{
	struct str name = str_of(field);

	for (size_t at = 0; at < n && r->method == POST; at++)
		checks[at].checked = was_ticked(r, name, checks[at].value);
	return (struct checks_view){ name, str_of(legend), problem_below(r, name),
				     LIST_OF(checks, n) };
}
