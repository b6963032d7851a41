/* The door in: forms and queries to a typed struct, by a shape; JSON bodies are input_json.c's.
 * What is wrong with a value is no error but a problem beside its field. */
#include "kit/http/input.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/http/fcgi.h"

#define PAIRS_MAX    500
#define PROBLEMS_MAX 50

/* ---- splitting ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool input_is_text(struct str bytes)
{
	return str_is_utf8(bytes) && str_find(bytes, '\0') < 0;
}

static bool decode(struct arena *a, struct str text, struct str *ret)
{
	char *out = arena_alloc(a, text.n + 1, 1);
	size_t n = 0;

	for (size_t at = 0; at < text.n; at++) {
		char c = text.p[at];

		if (c == '%') {
			int high = at + 2 < text.n ? hex_digit(text.p[at + 1]) : -1;
			int low = at + 2 < text.n ? hex_digit(text.p[at + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			out[n++] = (char)(high << 4 | low);
			at += 2;
		} else {
			out[n++] = c == '+' ? ' ' : c;
		}
	}
	*ret = (struct str){ out, n };
	return input_is_text(*ret);
}

bool pairs_decode(struct arena *a, struct str text, struct pair **ret, size_t *n)
{
	size_t most = 1, got = 0;

	for (size_t at = 0; at < text.n; at++)
		most += text.p[at] == '&';
	if (most > PAIRS_MAX)
		return false;
	*ret = ARENA_ARRAY(a, struct pair, most);
	for (struct str rest = text; rest.p;) {
		struct str value = str_cut(&rest, '&');
		struct str name = str_cut(&value, '=');

		if (name.n == 0 && !value.p)
			continue;
		if (!decode(a, name, &(*ret)[got].name))
			return false;
		if (!decode(a, value.p ? value : STR(""), &(*ret)[got].value))
			return false;
		got++;
	}
	*n = got;
	return true;
}

/* "application/json; charset=utf-8" is of type application/json. */
static bool is_media_type(struct str header, struct str type)
{
	return str_eq_nocase(str_trim(str_cut(&header, ';')), type);
}

static const struct err *refuse_form(const struct req *r)
{
	return ERR(r->arena, ERR_MALFORMED, "The form could not be read.");
}

static const struct err *read_pairs(struct req *r, struct str text)
{
	return pairs_decode(r->arena, text, &r->form, &r->nform) ? NULL : refuse_form(r);
}

static bool brings_file(const struct req *r)
{
	return r->route->file && is_media_type(r->in->content_type, STR("multipart/form-data"));
}

const struct err *input_read(struct req *r)
{
	bool json = r->api && !r->route->form;
	struct str want = json ? STR("application/json") : STR("application/x-www-form-urlencoded");

	if (r->method == GET)
		return read_pairs(r, r->in->query);
	if (!r->route->input && (r->in->body.n == 0 || r->route->anonymous))
		return NULL; /* programs of others send what they like where nothing is read */
	if (r->in->body.n == 0 && !json)
		return NULL;
	if (brings_file(r))
		return multipart_decode(r) ? NULL : refuse_form(r);
	/* Who says nothing of a body sends no fields. */
	if (r->in->body.n == 0 && r->in->content_type.n == 0)
		return json_parse(r->arena, STR("{}"), &json_default_limits, &r->json);
	if (!is_media_type(r->in->content_type, want))
		return ERR(r->arena, ERR_MEDIA_TYPE, "Send this as %.*s.", STR_ARG(want));
	if (json)
		return json_parse(r->arena, r->in->body, &json_default_limits, &r->json);
	return read_pairs(r, r->in->body);
}

struct str form_value(const struct req *r, struct str name)
{
	for (size_t at = 0; at < r->nform; at++)
		if (str_eq(r->form[at].name, name))
			return r->form[at].value;
	return STR_NONE;
}

/* ---- problems ---- */

void input_problem(struct req *r, struct str field, struct str message)
{
	if (!r->problems)
		r->problems = ARENA_ARRAY(r->arena, struct problem, PROBLEMS_MAX);
	if (r->nproblems < PROBLEMS_MAX)
		r->problems[r->nproblems++] = (struct problem){ field, message };
}

const struct err *input_refuse(struct req *r, const char *field, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	input_problem(r, str_of(field), str_dup(r->arena, str_mend(str_of(text))));
	return ERR(r->arena, ERR_INVALID, "%s", text);
}

const struct err *input_judge(struct req *r)
{
	if (r->nproblems)
		return ERR(r->arena, ERR_INVALID, "%.*s", STR_ARG(r->problems[0].message));
	return NULL;
}

struct str input_problem_of(const struct req *r, struct str field)
{
	for (size_t at = 0; at < r->nproblems; at++)
		if (str_eq(r->problems[at].field, field))
			return r->problems[at].message;
	return STR_NONE;
}

bool shape_given(const struct shape *s, uint64_t given, const char *field)
{
	for (size_t at = 0; at < s->nfields; at++)
		if (strcmp(s->fields[at].name, field) == 0)
			return given >> at & 1;
	return false;
}

bool input_given(const struct req *r, const char *field)
{
	return shape_given(r->route->input, r->given, field);
}

/* ---- one value ---- */

static struct str called(const struct place *p, const struct field *f)
{
	return f->label ? str_of(f->label) : p->path;
}

void input_complain(const struct place *p, const struct field *f, const char *what)
{
	struct str name = called(p, f);

	input_problem(p->req, p->path, str_fmt(p->req->arena, "%.*s %s", STR_ARG(name), what));
}

static void bind_text(const struct place *p, const struct field *f, struct str text,
		      struct str *ret)
{
	size_t most = f->max ? (size_t)f->max : INPUT_MAX, length;
	const char *wrong = NULL;

	if (!f->exact)
		text = str_trim(text);
	if (f->lines)
		text = str_unix_lines(p->req->arena, text);
	length = str_utf8_length(text);
	if (length == 0 && f->min > 0)
		input_complain(p, f, "is needed.");
	else if (length < (size_t)f->min)
		input_problem(p->req, p->path,
			      str_fmt(p->req->arena, "%.*s needs at least %lld characters.",
				      STR_ARG(called(p, f)), (long long)f->min));
	else if (length > most)
		input_problem(p->req, p->path,
			      str_fmt(p->req->arena, "%.*s may have at most %zu characters.",
				      STR_ARG(called(p, f)), most));
	else if (!f->any && str_has_control(text, f->lines ? STR("\n\t") : STR("")))
		input_complain(p, f, "holds a character that can't be stored.");
	else if (f->check && length && (wrong = f->check(text)))
		input_problem(p->req, p->path, str_of(wrong));
	*ret = text;
}

void input_bind_number(const struct place *p, const struct field *f, int64_t value, int64_t *ret)
{
	bool bounded = f->min || f->max;

	if (bounded && (value < f->min || value > f->max))
		input_problem(p->req, p->path,
			      str_fmt(p->req->arena, "%.*s takes a number from %lld to %lld.",
				      STR_ARG(called(p, f)), (long long)f->min, (long long)f->max));
	*ret = value;
}

static void bind_enum(const struct place *p, const struct field *f, struct str text, int *ret)
{
	struct buf known = buf_new(p->req->arena, 1000);

	if (names_find(f->names, text, ret))
		return;
	for (size_t at = 0; at < f->names->n; at++) {
		if (at)
			buf_put(&known, STR(", "));
		buf_put(&known, str_of(f->names->text[at]));
	}
	input_problem(p->req, p->path,
		      str_fmt(p->req->arena, "%.*s is one of %.*s.", STR_ARG(called(p, f)),
			      STR_ARG(buf_str(&known))));
	*ret = -1;
}

void input_bind_text(const struct place *p, const struct field *f, struct str text, void *at)
{
	int64_t number = 0;

	switch (f->type) {
	case FIELD_STR:
		bind_text(p, f, text, at);
		return;
	case FIELD_INT:
		if (str_to_int(str_trim(text), &number))
			input_bind_number(p, f, number, at);
		else
			input_complain(p, f, "takes a whole number.");
		return;
	case FIELD_BOOL:
		*(bool *)at = str_eq(text, STR("1")) || str_eq(text, STR("on")) ||
			      str_eq(text, STR("true"));
		return;
	case FIELD_TIME:
		if (!clock_parse(text, at))
			input_complain(p, f, "takes a time such as 2026-11-21T10:00:00Z.");
		return;
	case FIELD_UUID:
		if (!uuid_parse(text, at))
			input_complain(p, f, "is not an id.");
		return;
	case FIELD_ENUM:
		bind_enum(p, f, text, at);
		return;
	case FIELD_HTML:
	case FIELD_JSON:
	case FIELD_OBJECT:
	case FIELD_REF:
	case FIELD_LIST:
		input_complain(p, f, "can't be sent like this.");
		return;
	}
}

void input_set_absent(const struct shape *s, void *object)
{
	for (size_t at = 0; at < s->nfields; at++)
		if (s->fields[at].type == FIELD_ENUM)
			*(int *)((char *)object + s->fields[at].off) = -1;
}

/* ---- forms and queries ---- */

static void bind_repeated(struct req *r, const struct field *f, struct list *ret)
{
	struct str *items = ARENA_ARRAY(r->arena, struct str, r->nform);
	size_t n = 0;

	for (size_t at = 0; at < r->nform; at++)
		if (str_eq(r->form[at].name, str_of(f->name)))
			bind_text(&(struct place){ r, str_of(f->name) }, &f->item->fields[0],
				  r->form[at].value, &items[n++]);
	*ret = LIST_OF(items, n);
}

static void bind_form_field(struct req *r, const struct field *f, size_t index, char *object)
{
	struct place place = { r, str_of(f->name) };
	struct str text = form_value(r, str_of(f->name));
	bool empty = str_trim(text).n == 0;

	if (f->type == FIELD_LIST && f->item->scalar) {
		bind_repeated(r, f, (struct list *)(void *)(object + f->off));
		r->given |= 1ull << index;
		return;
	}
	if (text.p)
		r->given |= 1ull << index;
	if (r->route->file && !input_is_text(text)) {
		input_complain(&place, f, "holds no text. Choose another one.");
		return;
	}
	if (empty && f->type != FIELD_STR) {
		if (!f->optional && f->type != FIELD_BOOL)
			input_complain(&place, f, "is needed.");
		return;
	}
	if (empty && f->optional && f->min > 0) {
		*(struct str *)(void *)(object + f->off) = STR("");
		return;
	}
	if (text.p || !f->optional)
		input_bind_text(&place, f, text.p ? text : STR(""), object + f->off);
}

bool input_in_list(const char *names, struct str name)
{
	for (struct str rest = str_of(names); rest.p;)
		if (str_eq(str_cut(&rest, ','), name))
			return true;
	return false;
}

/* The API tells of a parameter that it does not know; a page's address may carry any. */
static void refuse_unknown_pairs(struct req *r, const struct shape *s)
{
	if (!r->api)
		return;
	for (size_t at = 0; at < r->nform; at++)
		if (!shape_find(s, r->form[at].name) &&
		    !input_in_list(s->read_only, r->form[at].name))
			input_problem(r, r->form[at].name, STR("There is no such field."));
}

/* ---- the whole ---- */

const struct err *input_bind(struct req *r)
{
	const struct shape *s = r->route->input;
	char *object;

	if (!s)
		return NULL;
	object = arena_alloc(r->arena, s->size, _Alignof(max_align_t));
	r->input = object;
	input_set_absent(s, object);
	if (r->json) {
		input_bind_object(&(struct place){ r, STR("") }, s, r->json, object, &r->given);
	} else if (r->api && r->method != GET && !r->route->form) {
		input_problem(r, STR(""), STR("A JSON object is needed."));
	} else {
		for (size_t at = 0; at < s->nfields; at++)
			bind_form_field(r, &s->fields[at], at, object);
		refuse_unknown_pairs(r, s);
	}
	return input_judge(r);
}
