/* What a session's variables hold; see values.h. */
#include "sessions/values.h"

#include <arpa/inet.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/clock.h"
#include "kit/base/json.h"
#include "mail/mail.h"

/* ---- as it is stored ---- */

static struct str text_of(struct arena *a, const struct json *j)
{
	if (json_type(j) == JSON_STRING)
		return json_str(j);
	if (json_type(j) == JSON_BOOL)
		return json_bool(j) ? STR("Yes") : STR("No");
	return json_text(a, j);
}

static const struct json_limits stored = {
	.bytes = (size_t)4 << 20, .depth = 3, .keys = 1000, .values = 4000
};

const struct err *values_read(struct arena *a, const struct flow_doc *d, struct str variables,
			      struct str passwords, struct values *ret)
{
	const struct json *kept, *secret;

	TRY(json_parse(a, variables, &stored, &kept));
	TRY(json_parse(a, passwords, &stored, &secret));
	ret->items = ARENA_ARRAY(a, struct value, d->intake.n + 1);
	ret->n = d->intake.n;
	for (size_t at = 0; at < ret->n; at++) {
		const struct flow_field *f = &flow_fields(d)[at];
		const struct json *j = json_get(kept, f->name);
		struct value *v = &ret->items[at];

		*v = (struct value){ .field = f, .filled = json_has(kept, f->name) };
		if (f->kind == KIND_PASSWORD)
			j = json_get(secret, f->name);
		if (!v->filled || !j)
			continue;
		v->json = json_text(a, j);
		v->text = text_of(a, j);
	}
	return NULL;
}

const struct value *values_find(const struct values *v, struct str name)
{
	for (size_t at = 0; at < v->n; at++)
		if (str_eq(v->items[at].field->name, name))
			return &v->items[at];
	return NULL;
}

size_t values_unfilled(const struct values *v, bool required_only)
{
	size_t n = 0;

	for (size_t at = 0; at < v->n; at++)
		n += !v->items[at].filled && (v->items[at].field->required || !required_only);
	return n;
}

/* ---- as it comes ---- */

static bool is_number(struct arena *a, struct str text)
{
	const struct json *j;

	if (json_parse(a, text, &json_default_limits, &j))
		return false;
	return json_type(j) == JSON_INT || json_type(j) == JSON_DOUBLE;
}

static bool is_date(struct arena *a, struct str text)
{
	struct instant at;

	return text.n == 10 && clock_parse(str_fmt(a, "%.*sT00:00:00Z", STR_ARG(text)), &at);
}

static bool is_ip(struct arena *a, struct str text)
{
	unsigned char room[16];
	const char *address = str_cstr(a, text);

	return inet_pton(AF_INET, address, room) == 1 || inet_pton(AF_INET6, address, room) == 1;
}

static bool is_choice(const struct flow_field *f, struct str text)
{
	const struct str *choices = f->options.items;

	for (size_t at = 0; at < f->options.n; at++)
		if (str_eq(choices[at], text))
			return true;
	return false;
}

static const char *check_kind(struct arena *a, const struct flow_field *f, struct str text)
{
	switch ((enum field_kind)f->kind) {
	case KIND_NUMBER:
		return is_number(a, text) ? NULL : "Type a number, such as 3 or 2.5.";
	case KIND_SELECT:
		return is_choice(f, text) ? NULL : "Choose one of the answers.";
	case KIND_DATE:
		return is_date(a, text) ? NULL : "Type a date, such as 2026-03-31.";
	case KIND_EMAIL:
		return mail_check_address(text);
	case KIND_IP:
		return is_ip(a, text) ? NULL : "Type an IP address, such as 192.0.2.10.";
	case KIND_TEXT:
	case KIND_TEXTAREA:
	case KIND_CHECKBOX:
	case KIND_PASSWORD:
		return NULL;
	}
	return NULL;
}

static struct str json_quoted(struct arena *a, struct str text)
{
	struct buf out = buf_new(a, text.n * 6 + 16);

	buf_put_json(&out, text);
	return buf_str(&out);
}

/* What forms and people say for it. */
static const struct names yes_words = NAMES("true", "yes", "on", "1");
static const struct names no_words = NAMES("false", "no", "off", "0");

static const char *take_checkbox(struct str text, struct value_change *ret)
{
	int at;

	ret->json = names_find(&yes_words, text, &at)  ? STR("true")
		    : names_find(&no_words, text, &at) ? STR("false")
						       : STR_NONE;
	ret->text = text;
	return ret->json.p ? NULL : "Say true or false.";
}

const char *value_take_text(struct arena *a, const struct flow_field *f, struct str typed,
			    struct value_change *ret)
{
	struct str text = f->kind == KIND_PASSWORD ? typed : str_trim(typed);

	*ret = (struct value_change){ .field = f };
	if (text.n == 0)
		return NULL;
	if (f->kind == KIND_TEXTAREA)
		text = str_unix_lines(a, text);
	if (str_utf8_length(text) > VALUE_TEXT_MAX)
		return "This is too long: at most 4,000 characters.";
	if (str_has_control(text, f->kind == KIND_TEXTAREA ? STR("\n\t") : STR("\t")))
		return "This holds a character that can't be shown. Type it anew.";
	if (f->kind == KIND_CHECKBOX)
		return take_checkbox(text, ret);
	ret->text = text;
	ret->json = json_quoted(a, text);
	return check_kind(a, f, text);
}

const char *value_take(struct arena *a, const struct flow_field *f, const struct json *j,
		       struct value_change *ret)
{
	enum json_type type = json_type(j);

	if (type == JSON_ARRAY || type == JSON_OBJECT)
		return "A text, a number, true or false is needed here.";
	if (type == JSON_STRING)
		return value_take_text(a, f, json_str(j), ret);
	*ret = (struct value_change){ .field = f };
	if (type == JSON_NULL)
		return NULL;
	if (f->kind == KIND_CHECKBOX && type != JSON_BOOL)
		return "Say true or false.";
	if (f->kind == KIND_PASSWORD || (f->kind != KIND_CHECKBOX && type == JSON_BOOL))
		return "A text is needed here.";
	ret->json = json_text(a, j);
	ret->text = text_of(a, j);
	return type == JSON_BOOL ? NULL : check_kind(a, f, ret->text);
}

/* ---- in texts ---- */

/* Known before anything is written: what does not fit shall take no memory either. */
static size_t growth(const struct values *v, struct str text)
{
	struct str before, name;
	size_t n = 0;

	while (flow_next_variable(&text, &before, &name)) {
		const struct value *value = values_find(v, name);

		n += value && value->filled ? value->text.n : 0;
	}
	return n;
}

struct str values_resolve(struct arena *a, const struct values *v, struct str text,
			  enum unfilled unfilled, size_t room)
{
	size_t more = growth(v, text);
	struct buf out = buf_new(a, text.n + more);
	struct str rest = text, before, name;

	if (more > room)
		return text;
	while (flow_next_variable(&rest, &before, &name)) {
		const struct value *value = values_find(v, name);
		bool secret = value && value->field->kind == KIND_PASSWORD;

		buf_put(&out, before);
		if (value && value->filled && !secret)
			buf_put(&out, value->text);
		else if (!value || secret || unfilled == UNFILLED_TOKEN)
			buf_printf(&out, "[VAR:%.*s]", STR_ARG(name));
	}
	buf_put(&out, rest);
	return out.full ? text : buf_str(&out);
}
