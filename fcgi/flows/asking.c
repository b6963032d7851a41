/* A flow's fields as a form asks for them; see asking.h. */
#include "flows/asking.h"

#include <string.h>

#include "kit/base/arena.h"

#define VALUE_MAX 4000 /* characters of a value in an address */

struct str flow_asked_name(struct arena *a, const struct flow_field *f)
{
	return str_fmt(a, "v.%.*s", STR_ARG(f->name));
}

static struct list choices_of(struct arena *a, const struct flow_field *f)
{
	static const struct pair yes_or_no[] = { { STR_INIT(""), STR_INIT("Not filled in") },
						 { STR_INIT("true"), STR_INIT("Yes") },
						 { STR_INIT("false"), STR_INIT("No") } };
	struct pair *pairs = ARENA_ARRAY(a, struct pair, f->options.n + 1);

	if (f->kind == KIND_CHECKBOX)
		return LIST_OF(yes_or_no, 3);
	pairs[0] = yes_or_no[0];
	for (size_t at = 0; at < f->options.n; at++) {
		struct str option = ((const struct str *)f->options.items)[at];

		pairs[at + 1] = (struct pair){ option, option };
	}
	return LIST_OF(pairs, f->options.n + 1);
}

static struct control control_of(struct arena *a, const struct flow_field *f, const char *name)
{
	static const enum control_kind kinds[] = {
		[KIND_TEXT] = CONTROL_TEXT,         [KIND_TEXTAREA] = CONTROL_LINES,
		[KIND_NUMBER] = CONTROL_TEXT,       [KIND_SELECT] = CONTROL_SELECT,
		[KIND_CHECKBOX] = CONTROL_SELECT,   [KIND_DATE] = CONTROL_DATE,
		[KIND_EMAIL] = CONTROL_EMAIL,       [KIND_IP] = CONTROL_TEXT,
		[KIND_PASSWORD] = CONTROL_PASSWORD,
	};
	bool chooses = kinds[f->kind] == CONTROL_SELECT;

	return (struct control){
		.field = name,
		.kind = kinds[f->kind],
		.hint = f->help.n ? str_cstr(a, f->help) : NULL,
		.autocomplete = chooses ? NULL : "off",
		.inputmode = f->kind == KIND_NUMBER ? "decimal" : NULL,
		.more = chooses ? choices_of(a, f) : (struct list){ 0 },
	};
}

void flow_ask(struct arena *a, const struct shape *head, const struct control *controls,
	      struct list fields, struct flow_asked *ret)
{
	const struct flow_field *own = fields.items;
	struct field *asked = ARENA_ARRAY(a, struct field, head->nfields + fields.n);
	size_t n = 0;

	while (controls[n].field)
		n++;
	memcpy(asked, head->fields, head->nfields * sizeof(*asked));
	ret->controls = ARENA_ARRAY(a, struct control, n + fields.n + 1);
	memcpy(ret->controls, controls, n * sizeof(*controls));
	for (size_t at = 0; at < fields.n; at++) {
		const char *name = str_cstr(a, flow_asked_name(a, &own[at]));
		struct str label = own[at].label.n ? own[at].label : own[at].name;
		const char *mark = own[at].required ? " (required)" : "";

		ret->controls[n + at] = control_of(a, &own[at], name);
		asked[head->nfields + at] = (struct field){
			.name = name,
			.type = FIELD_STR,
			.label = str_cstr(a, str_fmt(a, "%.*s%s", STR_ARG(label), mark)),
			.secret = own[at].kind == KIND_PASSWORD,
		};
	}
	ret->shape = (struct shape){ .nfields = head->nfields + fields.n, .fields = asked };
}

struct str flow_link_text(struct req *r, struct str name, size_t most, bool lines)
{
	struct str text = str_trim(form_value(r, name));

	if (str_utf8_length(text) > most || str_has_control(text, lines ? STR("\n\r\t") : STR("")))
		return STR_NONE;
	return text;
}

struct str flow_link_value(struct req *r, const struct flow_field *f)
{
	if (f->kind == KIND_PASSWORD)
		return STR_NONE;
	return flow_link_text(r, flow_asked_name(r->arena, f), VALUE_MAX, f->kind == KIND_TEXTAREA);
}

struct list flow_linked_fields(struct req *r, const struct flow_doc *doc)
{
	struct flow_field *given = ARENA_ARRAY(r->arena, struct flow_field, doc->intake.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < doc->intake.n; at++) {
		const struct flow_field *f = &flow_fields(doc)[at];

		if (flow_link_value(r, f).n)
			given[n++] = *f;
	}
	return LIST_OF(given, n);
}
