/* Edits of the fields that a flow asks for; see edit.h. */
#include "flows/edit_parts.h"
#include "flows/words.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define FIELD           sizeof(struct flow_field)
#define CHOICE_MAX      200
#define VARIABLE_GROWTH 12 /* "[VAR:x]" of 7 bytes becomes one of 70 at most */

static ptrdiff_t field_at_name(const struct flow_doc *d, struct str name)
{
	for (size_t at = 0; at < d->intake.n; at++)
		if (str_eq(flow_fields(d)[at].name, name))
			return (ptrdiff_t)at;
	return -1;
}

static const struct err *find(const struct flow_edit *e, struct str name, size_t *ret)
{
	ptrdiff_t at = field_at_name(&e->doc, name);

	if (at < 0)
		return ERR(e->arena, ERR_NOT_FOUND,
			   "That field is no longer in the flow: load the page again.");
	*ret = (size_t)at;
	return NULL;
}

static const struct err *check_field(struct arena *a, const struct flow_field *f)
{
	if (!flow_id_is_sound(f->name))
		return ERR(a, ERR_INVALID, "A field's name has 1 to 64 letters, digits, _ or -.");
	TRY(edit_check_length(a, "label", f->label, FLOW_LABEL_MAX));
	TRY(edit_check_length(a, "help", f->help, FLOW_ASK_MAX));
	TRY(edit_check_length(a, "default", f->preset, FLOW_PRESET_MAX));
	for (size_t at = 0; at < f->options.n; at++)
		TRY(edit_check_length(a, "text of a choice",
				      ((const struct str *)f->options.items)[at], CHOICE_MAX));
	if (f->options.n > FLOW_CHOICES_MAX)
		return ERR(a, ERR_INVALID, "A field offers at most %d choices: delete some.",
			   FLOW_CHOICES_MAX);
	return NULL;
}

/* ---- renaming ---- */

struct renaming {
	struct arena *arena;
	struct str from, to;
};

static void rename_in(const struct renaming *r, struct str *text)
{
	struct str rest = *text, before, name;
	struct buf out;

	if (!str_contains(*text, str_fmt(r->arena, "[VAR:%.*s]", STR_ARG(r->from))))
		return;
	out = buf_new(r->arena, text->n * VARIABLE_GROWTH);
	while (flow_next_variable(&rest, &before, &name)) {
		if (str_eq(name, r->from))
			name = r->to;
		buf_put(&out, before);
		buf_printf(&out, "[VAR:%.*s]", STR_ARG(name));
	}
	buf_put(&out, rest);
	*text = buf_str(&out);
}

/* The new name may be longer, and with it the texts. */
static const struct err *rename_variable(struct flow_edit *e, struct str from, struct str to)
{
	const struct renaming r = { e->arena, from, to };
	struct flow_doc old = e->doc;
	struct flow_node *nodes = edit_nodes(e);

	for (size_t at = 0; at < e->doc.structure.nodes.n; at++) {
		rename_in(&r, &nodes[at].title);
		rename_in(&r, &nodes[at].body);
		rename_in(&r, &nodes[at].help);
		if (edit_check_texts(e->arena, &nodes[at])) {
			e->doc = old;
			return ERR(
				e->arena, ERR_INVALID,
				"With that name a text of step '%.*s' gets too long: choose a "
				"shorter one.",
				STR_ARG(flow_node_name(e->arena, &flow_nodes(&old.structure)[at])));
		}
	}
	return NULL;
}

/* ---- the acts ---- */

static struct flow_field settled(struct arena *a, const struct flow_field *to)
{
	struct flow_field f = *to;

	f.label = edit_text(f.label);
	f.help = edit_text(f.help);
	edit_splice(a, &f.options, sizeof(struct str), 0, 0, 0);
	return f;
}

static const struct err *add_field(struct flow_edit *e, const struct flow_field *to)
{
	size_t at = e->doc.intake.n;
	struct flow_field *fields;

	if (at >= FLOW_FIELDS_MAX)
		return ERR(e->arena, ERR_INVALID,
			   "A flow asks for at most %d fields: delete one first.", FLOW_FIELDS_MAX);
	fields = edit_splice(e->arena, &e->doc.intake, FIELD, at, 0, 1);
	fields[at] = settled(e->arena, to);
	e->label = str_fmt(e->arena, "Added field '%.*s'", STR_ARG(to->name));
	return NULL;
}

static const struct err *change_field(struct flow_edit *e, struct str was,
				      const struct flow_field *to)
{
	struct flow_field *fields;
	size_t at;

	TRY(find(e, was, &at));
	e->label = str_fmt(e->arena, "Changed field '%.*s'", STR_ARG(to->name));
	if (!str_eq(was, to->name)) {
		TRY(rename_variable(e, was, to->name));
		e->label = str_fmt(e->arena, "Renamed field '%.*s' to '%.*s'", STR_ARG(was),
				   STR_ARG(to->name));
	}
	fields = edit_splice(e->arena, &e->doc.intake, FIELD, 0, 0, 0);
	fields[at] = settled(e->arena, to);
	return NULL;
}

const struct err *flow_set_field(struct flow_edit *e, struct str was, const struct flow_field *to)
{
	TRY(check_field(e->arena, to));
	if (!str_eq(was, to->name) && field_at_name(&e->doc, to->name) >= 0)
		return ERR(e->arena, ERR_INVALID,
			   "There is a field '%.*s' already: choose another name.",
			   STR_ARG(to->name));
	return was.n ? change_field(e, was, to) : add_field(e, to);
}

const struct err *flow_delete_field(struct flow_edit *e, struct str name)
{
	size_t at;

	TRY(find(e, name, &at));
	edit_splice(e->arena, &e->doc.intake, FIELD, at, 1, 0);
	e->label = str_fmt(e->arena, "Deleted field '%.*s'", STR_ARG(name));
	return NULL;
}

const struct err *flow_move_field(struct flow_edit *e, struct str name, size_t to)
{
	size_t from;

	TRY(find(e, name, &from));
	if (to > e->doc.intake.n - 1)
		to = e->doc.intake.n - 1;
	e->doc.intake = edit_moved(e->arena, e->doc.intake, FIELD, from, to);
	e->label = str_fmt(e->arena, "Moved field '%.*s' to place %zu", STR_ARG(name), to + 1);
	return NULL;
}
