/* Variables in the texts of a run and in its forms; see prompts.h. */
#include "sessions/prompts.h"

#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define ROOM ((size_t)1 << 20) /* what all values and controls of one text may take */

struct prompts prompts_new(struct arena *a, const struct values *values)
{
	struct prompts ret = { a, ARENA_ARRAY(a, struct prompt, values->n + 1), values->n };

	for (size_t at = 0; at < ret.n; at++)
		ret.items[at].value = &values->items[at];
	return ret;
}

struct prompt *prompts_find(const struct prompts *p, struct str name)
{
	for (size_t at = 0; at < p->n; at++)
		if (str_eq(p->items[at].value->field->name, name))
			return &p->items[at];
	return NULL;
}

/* ---- one control ---- */

static struct str label_of(const struct flow_field *f)
{
	return f->label.n ? f->label : f->name;
}

struct str value_shown(const struct value *v)
{
	if (!v->filled || !v->text.p)
		return STR("");
	return v->field->kind == KIND_CHECKBOX ? v->json : v->text;
}

/* What the control holds: what was typed, else what is stored. */
static struct str held(const struct prompt *p)
{
	return p->typed.p ? p->typed : value_shown(p->value);
}

/* A name is of letters that need no escape. */
static void put_attributes(struct buf *out, const struct prompt *p)
{
	struct str name = p->value->field->name;

	buf_printf(out, " form=\"step\" id=\"v-%.*s\" name=\"v.%.*s\"", STR_ARG(name),
		   STR_ARG(name));
	if (p->error.n)
		buf_printf(out, " aria-invalid=\"true\" aria-describedby=\"v-%.*s-error\"",
			   STR_ARG(name));
	else if (p->value->field->help.n)
		buf_printf(out, " aria-describedby=\"v-%.*s-help\"", STR_ARG(name));
	buf_putc(out, '>');
}

static void put_option(struct buf *out, struct str value, struct str label, bool chosen)
{
	buf_put(out, STR("<option value=\""));
	buf_put_html(out, value);
	buf_put(out, chosen ? STR("\" selected>") : STR("\">"));
	buf_put_html(out, label);
	buf_put(out, STR("</option>"));
}

static void put_select(struct buf *out, const struct prompt *p)
{
	const struct str *choices = p->value->field->options.items;
	struct str now = held(p);

	buf_put(out, STR("<select class=\"input\""));
	put_attributes(out, p);
	put_option(out, STR(""), STR("Choose"), !now.n);
	for (size_t at = 0; at < p->value->field->options.n; at++)
		put_option(out, choices[at], choices[at], str_eq(choices[at], now));
	buf_put(out, STR("</select>"));
}

/* A box that is not ticked is not sent: what is filled already needs a way to say no. */
static void put_checkbox(struct buf *out, const struct prompt *p)
{
	struct str now = held(p);
	bool yes = str_eq(now, STR("true"));

	if (!p->value->filled) {
		buf_printf(out, "<span><input type=\"checkbox\" class=\"pick\" value=\"true\"%s",
			   yes ? " checked" : "");
		put_attributes(out, p);
		buf_put(out, STR("Yes</span>"));
		return;
	}
	buf_put(out, STR("<select class=\"input\""));
	put_attributes(out, p);
	put_option(out, STR(""), STR("Not filled"), !now.n);
	put_option(out, STR("true"), STR("Yes"), yes);
	put_option(out, STR("false"), STR("No"), now.n && !yes);
	buf_put(out, STR("</select>"));
}

/* A number field drops what is no number before anyone could say so. */
static const char *const inputs[] = {
	[KIND_TEXT] = "type=\"text\"",
	[KIND_NUMBER] = "type=\"text\" inputmode=\"decimal\"",
	[KIND_DATE] = "type=\"date\"",
	[KIND_EMAIL] = "type=\"email\"",
	[KIND_IP] = "type=\"text\" spellcheck=\"false\"",
	[KIND_PASSWORD] = "type=\"password\"",
};

static void put_control(struct buf *out, const struct prompt *p)
{
	int kind = p->value->field->kind;

	if (kind == KIND_SELECT) {
		put_select(out, p);
	} else if (kind == KIND_CHECKBOX) {
		put_checkbox(out, p);
	} else if (kind == KIND_TEXTAREA) {
		buf_put(out, STR("<textarea class=\"input\" rows=\"3\""));
		put_attributes(out, p);
		buf_put(out, STR("&#10;"));
		buf_put_html(out, held(p));
		buf_put(out, STR("</textarea>"));
	} else {
		buf_printf(out, "<input class=\"input\" %s autocomplete=\"off\" value=\"",
			   inputs[kind]);
		buf_put_html(out, held(p));
		buf_putc(out, '"');
		put_attributes(out, p);
	}
}

/* ---- with its label ---- */

static const char *standing(const struct flow_field *f, bool filled)
{
	if (filled)
		return "filled";
	return f->required ? "required, not filled" : "optional, not filled";
}

static void put_prompt(struct buf *out, struct prompt *p, const char *class, const char *state)
{
	const struct flow_field *f = p->value->field;

	p->placed = true;
	buf_printf(out, "<span class=\"%s%s\"><label for=\"v-%.*s\">", class,
		   p->error.n ? " bad" : "", STR_ARG(f->name));
	buf_put_html(out, label_of(f));
	buf_printf(out, " <span class=\"state\">(%s)</span></label>", state);
	if (f->help.n) {
		buf_printf(out, "<span class=\"hint\" id=\"v-%.*s-help\">", STR_ARG(f->name));
		buf_put_html(out, f->help);
		buf_put(out, STR("</span>"));
	}
	if (p->error.n) {
		buf_printf(out,
			   "<span class=\"field-error\" id=\"v-%.*s-error\">"
			   "<span class=\"vh\">Error:</span> ",
			   STR_ARG(f->name));
		buf_put_html(out, p->error);
		buf_put(out, STR("</span>"));
	}
	put_control(out, p);
	buf_put(out, STR("</span>"));
}

static void put_asked(struct buf *out, struct prompt *p)
{
	put_prompt(out, p, "var-prompt", p->value->field->required ? "required" : "optional");
}

/* ---- in a text ---- */

static void put_token(struct buf *out, struct str name)
{
	buf_printf(out, "[VAR:%.*s]", STR_ARG(name));
}

static void put_filled(struct buf *out, const struct value *v, enum flow_place place)
{
	bool lines = place == PLACE_TEXT && str_find(v->text, '\n') >= 0;

	if (place == PLACE_ADDRESS) {
		buf_put_url(out, v->text);
		return;
	}
	buf_put(out, lines ? STR("<span class=\"lines\">") : STR(""));
	buf_put_html(out, v->text);
	buf_put(out, lines ? STR("</span>") : STR(""));
}

static void put_name(struct buf *out, const struct prompt *p, const char *class)
{
	buf_printf(out, "<span class=\"%s\">", class);
	buf_put_html(out, label_of(p->value->field));
	buf_put(out, STR("</span>"));
}

static void put_place(void *ctx, struct buf *out, struct str name, enum flow_place place)
{
	struct prompt *p = prompts_find(ctx, name);

	if (p && p->value->filled && p->value->text.p) {
		put_filled(out, p->value, place);
	} else if (!p || place != PLACE_TEXT) {
		put_token(out, name);
		if (p)
			p->wanted = true;
	} else if (p->placed) {
		put_name(out, p, "var");
	} else {
		put_name(out, p, "var asked");
		put_asked(out, p);
	}
}

struct html prompts_text(struct prompts *p, struct cache *made, struct str text)
{
	const struct flow_places places = { put_place, p, ROOM };

	return flow_text_places(p->arena, made, text, &places);
}

struct str prompts_line(struct prompts *p, struct str text)
{
	struct buf out = buf_new(p->arena, text.n + VALUES_LINE_ROOM);
	struct str rest = text, before, name;

	while (flow_next_variable(&rest, &before, &name)) {
		struct prompt *named = prompts_find(p, name);

		buf_put(&out, before);
		if (named && named->value->filled && named->value->text.p) {
			buf_put(&out, named->value->text);
			continue;
		}
		if (!named) {
			put_token(&out, name);
			continue;
		}
		named->wanted = true;
		buf_printf(&out, "[%.*s]", STR_ARG(label_of(named->value->field)));
	}
	buf_put(&out, rest);
	return out.full ? text : buf_str(&out);
}

/* ---- in lists ---- */

struct html prompts_rest(struct prompts *p)
{
	struct buf out = buf_new(p->arena, ROOM);

	for (size_t at = 0; at < p->n; at++) {
		struct prompt *one = &p->items[at];

		if (!one->placed && (one->wanted || one->error.n))
			put_asked(&out, one);
	}
	return (struct html){ out.full ? STR("") : buf_str(&out) };
}

struct html prompts_all(struct prompts *p)
{
	struct buf out = buf_new(p->arena, 4 * ROOM);

	for (size_t at = 0; at < p->n; at++) {
		const struct value *v = p->items[at].value;

		put_prompt(&out, &p->items[at],
			   v->filled            ? "field"
			   : v->field->required ? "field var-prompt"
						: "field",
			   standing(v->field, v->filled));
	}
	return (struct html){ buf_str(&out) };
}

struct html prompts_missing(struct prompts *p)
{
	struct buf out = buf_new(p->arena, 4 * ROOM);

	for (size_t at = 0; at < p->n; at++) {
		const struct value *v = p->items[at].value;

		if (p->items[at].error.n || (!v->filled && v->field->required))
			put_prompt(&out, &p->items[at], "field var-prompt",
				   standing(v->field, v->filled));
	}
	return (struct html){ buf_str(&out) };
}
