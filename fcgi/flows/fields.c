/* The fields that a flow's texts ask for: list, add, change, order, delete. */
#include "flows/editor.h"

#include "flows/flows.h"
#include "kit/base/arena.h"
#include "people/people.h"

struct field_form {
	struct str name, label;
	int kind;
	bool required;
	struct str help, options, preset;
};

static const char *check_name(struct str name)
{
	return flow_id_is_sound(name) ? NULL : "Use letters, digits, _ and - only: server_name";
}

static const struct choice kinds[] = {
	{ "text", "Text" },
	{ "textarea", "Several lines" },
	{ "number", "Number" },
	{ "select", "One of the choices" },
	{ "checkbox", "Yes or no" },
	{ "date", "Date" },
	{ "email", "E-mail address" },
	{ "ip", "IP address" },
	{ "password", "Password: sealed, never exported" },
	{ 0 },
};

#define F struct field_form
static const struct shape field_form = SHAPE(
	F, F_STR(F, label, .min = 1, .max = FLOW_LABEL_MAX, .any = true, .label = "Label"),
	F_STR(F, name, .min = 1, .max = FLOW_ID_MAX, .check = check_name, .label = "Name in texts"),
	F_ENUM(F, kind, &field_kinds, .label = "Kind", .choices = kinds),
	F_BOOL(F, required, .optional = true, .label = "Should be filled in"),
	F_STR(F, help, .optional = true, .max = 1000, .any = true, .label = "Help"),
	F_STR(F, options, .optional = true, .max = 20000, .lines = true, .any = true,
	      .label = "Choices"),
	F_STR(F, preset, .optional = true, .max = 2000, .lines = true, .any = true,
	      .label = "Filled in to begin with"));

static const struct control controls[] = {
	{ "label", CONTROL_TEXT, .autocomplete = "off",
	  .hint = "As it is asked for: Name of the server" },
	{ "name", CONTROL_TEXT, .autocomplete = "off",
	  .hint = "In texts it is written [VAR:server_name]." },
	{ .field = "kind", .kind = CONTROL_SELECT },
	{ "required", CONTROL_CHECKBOX, .hint = "A run starts without it, and tells at the end." },
	{ "help", CONTROL_TEXT, .autocomplete = "off" },
	{ "options", CONTROL_LINES, .hint = "One a line, for the kind “One of the choices”." },
	{ "preset", CONTROL_TEXT, .autocomplete = "off" },
	{ 0 },
};

/* ---- pages ---- */

struct field_line {
	struct str name, label, kind, help;
	bool required, first, last;
	int64_t up, down; /* the places that the buttons move it to */
};

static const struct shape field_line_shape =
	SHAPE(struct field_line, F_STR(struct field_line, name), F_STR(struct field_line, label),
	      F_STR(struct field_line, kind), F_STR(struct field_line, help),
	      F_BOOL(struct field_line, required), F_BOOL(struct field_line, first),
	      F_BOOL(struct field_line, last), F_INT(struct field_line, up),
	      F_INT(struct field_line, down));

struct fields_page {
	struct editor editor;
	struct form_view form;
	struct str name; /* of the one that is changed; none: the list, with a form to add */
	struct list fields;
};

static const struct shape fields_page_shape = SHAPE(
	struct fields_page, F_OBJECT(struct fields_page, editor, struct editor, &editor_shape),
	F_OBJECT(struct fields_page, form, struct form_view, &form_view_shape),
	F_STR(struct fields_page, name), F_LIST(struct fields_page, fields, &field_line_shape));
const struct view fields_view = { "flows/fields", &fields_page_shape };

static struct str kind_label(int kind)
{
	return str_of(kinds[kind].label);
}

static struct list field_lines(struct req *r, const struct flow_doc *doc)
{
	struct field_line *lines = ARENA_ARRAY(r->arena, struct field_line, doc->intake.n + 1);

	for (size_t at = 0; at < doc->intake.n; at++) {
		const struct flow_field *f = &flow_fields(doc)[at];

		lines[at] = (struct field_line){
			.name = f->name,
			.label = f->label,
			.kind = kind_label(f->kind),
			.help = f->help,
			.required = f->required,
			.first = at == 0,
			.last = at + 1 == doc->intake.n,
			.up = (int64_t)at,
			.down = (int64_t)at + 2,
		};
	}
	return LIST_OF(lines, doc->intake.n);
}

static struct str one_a_line(struct req *r, struct list options)
{
	struct buf out = buf_new(r->arena, 40000);

	for (size_t at = 0; at < options.n; at++) {
		if (at)
			buf_putc(&out, '\n');
		buf_put(&out, ((const struct str *)options.items)[at]);
	}
	return buf_str(&out);
}

static struct form_view form_of(struct req *r, struct str action, const char *button,
				const struct flow_field *f)
{
	const struct pair values[] = {
		{ STR("name"), f ? f->name : STR("") },
		{ STR("label"), f ? f->label : STR("") },
		{ STR("kind"), f ? names_text(&field_kinds, f->kind) : STR("text") },
		{ STR("required"), f && f->required ? STR("1") : STR("") },
		{ STR("help"), f ? f->help : STR("") },
		{ STR("options"), f ? one_a_line(r, f->options) : STR("") },
		{ STR("preset"), f ? f->preset : STR("") },
		{ { 0 }, { 0 } },
	};

	return form_view(r, &(struct form_settings){ .action = action,
						     .button = button,
						     .input = &field_form,
						     .controls = controls,
						     .values = values,
						     .once = true,
						     .quiet = true });
}

static const struct err *fields_show(struct req *r)
{
	struct fields_page page = { 0 };

	TRY(editor_read(r, STR_NONE, &page.editor));
	page.fields = field_lines(r, &page.editor.flow.doc);
	page.form = form_of(r, str_fmt(r->arena, "/flows/%s/fields", r->id[0].text),
			    "Add the field", NULL);
	return reply_page(r, &fields_view, &page);
}

static const struct err *field_show(struct req *r)
{
	struct fields_page page = { 0 };
	const struct flow_field *f;

	TRY(editor_read(r, STR_NONE, &page.editor));
	f = flow_field_of(&page.editor.flow.doc, r->word);
	if (!f)
		return ERR(r->arena, ERR_NOT_FOUND, "This flow has no such field any more.");
	page.name = f->name;
	page.form = form_of(
		r, str_fmt(r->arena, "/flows/%s/fields/%.*s", r->id[0].text, STR_ARG(f->name)),
		"Save", f);
	return reply_page(r, &fields_view, &page);
}

/* ---- acts ---- */

static struct list lines_of(struct req *r, struct str text)
{
	struct str *lines = ARENA_ARRAY(r->arena, struct str, text.n / 2 + 1);
	size_t n = 0;

	for (struct str rest = text; rest.p;) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		if (line.n)
			lines[n++] = line;
	}
	return LIST_OF(lines, n);
}

static const struct err *go_back(struct req *r, const char *said)
{
	people_flash(r, said);
	return reply_see_other(r, str_fmt(r->arena, "/flows/%s/fields", r->id[0].text));
}

/* was none: one more. */
static const struct err *set_field(struct req *r, struct str was)
{
	const struct field_form *form = r->input;
	struct flow_edit e;
	struct flow f;

	TRY(editor_open(r, &f, &e));
	if (!str_eq(was, form->name) && flow_field_of(&f.doc, form->name))
		return input_refuse(r, "name", "There is a field of that name already.");
	TRY(flow_set_field(&e, was,
			   &(struct flow_field){
				   .name = form->name,
				   .label = form->label,
				   .kind = form->kind,
				   .required = form->required,
				   .help = form->help.p ? form->help : STR(""),
				   .options = form->kind == KIND_SELECT ? lines_of(r, form->options)
									: (struct list){ 0 },
				   .preset = form->preset.n ? form->preset : STR_NONE,
			   }));
	TRY(editor_keep(r, &f, &e));
	return go_back(r, was.p ? "The field is saved." : "The field is added.");
}

static const struct err *field_add(struct req *r)
{
	return set_field(r, STR_NONE);
}

static const struct err *field_save(struct req *r)
{
	return set_field(r, r->word);
}

static const struct err *field_delete(struct req *r)
{
	struct flow_edit e;
	struct flow f;

	TRY(editor_open(r, &f, &e));
	TRY(flow_delete_field(&e, r->word));
	TRY(editor_keep(r, &f, &e));
	return go_back(r, "The field is deleted. Undo brings it back.");
}

struct place_form {
	int64_t place;
};

static const struct shape place_form =
	SHAPE(struct place_form, F_INT(struct place_form, place, .min = 1, .max = FLOW_FIELDS_MAX));

static const struct err *field_move(struct req *r)
{
	const struct place_form *form = r->input;
	struct flow_edit e;
	struct flow f;

	TRY(editor_open(r, &f, &e));
	TRY(flow_move_field(&e, r->word, (size_t)form->place - 1));
	TRY(editor_keep(r, &f, &e));
	return go_back(r, "Moved.");
}

#define FIELDS "/flows/:flow/fields"

const struct route fields_routes[] = {
	{ GET, FIELDS, .need = PERM_FLOWS, .run = fields_show },
	{ POST, FIELDS, .need = PERM_FLOWS, .input = &field_form, .find = flow_find,
	  .run = field_add, .again = fields_show, .once = true },
	{ GET, FIELDS "/*field", .need = PERM_FLOWS, .run = field_show },
	{ POST, FIELDS "/*field", .need = PERM_FLOWS, .input = &field_form, .find = flow_find,
	  .run = field_save, .again = field_show, .once = true },
	{ POST, FIELDS "/*field/delete", .need = PERM_FLOWS, .find = flow_find, .run = field_delete,
	  .once = true },
	{ POST, FIELDS "/*field/move", .need = PERM_FLOWS, .input = &place_form, .find = flow_find,
	  .run = field_move },
	{ 0 },
};
