/* The documentation of a run: each format at each detail against a file that was read by hand, and
 * what must hold of all of them whatever people typed. */
#include "support/suite.h"

#include "case.h"

#include <string.h>

#define CASE "tests/reports/vpn.json"

static const struct render *render;

static struct report vpn(void)
{
	return case_read(arena, suite_read(CASE));
}

static struct str write_as(const struct report *r, enum report_format format,
			   enum report_detail detail)
{
	render = case_render(arena);
	return case_write(arena, render, r, format, detail);
}

/* ---- against files ---- */

static void save(const char *path, struct str text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text.p, 1, text.n, file), text.n);
	fclose(file);
}

START_TEST(is_written_as_the_files_have_it)
{
	struct report r = vpn();

	for (int format = 0; format < REPORT_FORMAT__MAX; format++) {
		for (int detail = 0; detail < REPORT_DETAIL__MAX; detail++) {
			struct str path = str_fmt(arena, "tests/reports/golden/%s.%s%c",
						  report_details.text[detail],
						  report_files[format].ending, '\0');
			struct str text = write_as(&r, (enum report_format)format,
						   (enum report_detail)detail);

			if (getenv("UPDATE_GOLDEN"))
				save(path.p, text);
			ck_assert_msg(str_eq(suite_read(path.p), text),
				      "%s differs; UPDATE_GOLDEN=1 writes it anew", path.p);
		}
	}
}
END_TEST

START_TEST(json_at_full_detail_loses_nothing)
{
	struct report r = vpn(), again;
	struct str first = write_as(&r, REPORT_JSON, REPORT_FULL), second;

	again = case_read(arena, first);
	second = write_as(&again, REPORT_JSON, REPORT_FULL);
	ck_assert_text(second, first);
}
END_TEST

/* ---- of any report ---- */

/* Each text of a report another one, in the order of its shape. */
struct planter {
	size_t n;
	const char *head; /* of each mark */
};

static struct str mark(size_t number)
{
	return str_fmt(arena, "mark%zux", number);
}

static void plant(struct planter *p, const struct shape *s, void *object);

static void plant_field(struct planter *p, const struct field *f, char *at)
{
	struct list *list = (struct list *)(void *)at;

	if (f->type == FIELD_STR) {
		*(struct str *)(void *)at = mark(p->n++);
	} else if (f->type == FIELD_LIST) {
		char *items = arena_array(arena, 2, f->item->size, _Alignof(max_align_t));

		plant(p, f->item, items);
		plant(p, f->item, items + f->item->size);
		*list = LIST_OF(items, 2);
	} else {
		ck_assert_msg(f->type == FIELD_INT || f->type == FIELD_BOOL ||
				      f->type == FIELD_TIME || f->type == FIELD_ENUM,
			      "%s", f->name);
	}
}

static void plant(struct planter *p, const struct shape *s, void *object)
{
	for (size_t at = 0; at < s->nfields; at++)
		plant_field(p, &s->fields[at], (char *)object + s->fields[at].off);
}

static struct report planted(size_t *n)
{
	struct planter p = { 0, "" };
	struct report r = { .version = 1, .made_at = { 1 } };
	struct report_variable *variables;

	plant(&p, &report_shape, &r);
	*n = p.n;
	variables = (struct report_variable *)(uintptr_t)r.variables.items;
	variables[0].filled = variables[1].filled = true;
	return r;
}

static struct str cross_out(void *ctx, struct str text)
{
	ck_assert(str_starts(text, STR("mark")));
	++*(size_t *)ctx;
	return STR("[REDACTED]");
}

START_TEST(every_text_is_redacted)
{
	size_t n, seen = 0;
	struct report r = planted(&n), was = r;
	struct report_step first = *(const struct report_step *)r.steps.items;

	report_redact(arena, &r, cross_out, &seen);
	/* The format, the address and the record are ours. */
	ck_assert_uint_eq(seen, n - 3);
	ck_assert_text(r.address, was.address);
	ck_assert_text(((const struct report_step *)was.steps.items)->note, first.note);
	for (int format = 0; format < REPORT_FORMAT__MAX; format++) {
		struct str text = write_as(&r, (enum report_format)format, REPORT_FULL);

		for (size_t at = 0; at < n; at++)
			ck_assert_msg(!str_contains(text, mark(at)) ||
					      str_eq(mark(at), was.address),
				      "%.*s", STR_ARG(text));
	}
}
END_TEST

/* A field that the shape lacks is one that is neither redacted nor exported. */
static void covers(const struct shape *s, size_t *text)
{
	size_t end = 0;

	for (size_t at = 0; at < s->nfields; at++) {
		const struct field *f = &s->fields[at], *next = NULL;

		for (size_t other = 0; other < s->nfields; other++)
			if (s->fields[other].off > f->off &&
			    (!next || s->fields[other].off < next->off))
				next = &s->fields[other];
		end = next ? next->off : s->size;
		ck_assert_msg(end - f->off <= 16, "there is a hole behind %s", f->name);
		ck_assert_msg(end - f->off <= 8 || f->type == FIELD_STR || f->type == FIELD_LIST,
			      "there is a hole behind %s", f->name);
		*text += f->type == FIELD_STR;
		if (f->type == FIELD_LIST)
			covers(f->item, text);
	}
}

START_TEST(the_shape_names_every_field)
{
	size_t text = 0;

	covers(&report_shape, &text);
	ck_assert_uint_gt(text, 20);
}
END_TEST

/* Each text that is there at one detail is there at the next, in every format. */
START_TEST(each_detail_has_what_the_one_before_it_has)
{
	size_t n, shown[REPORT_DETAIL__MAX] = { 0 };
	struct report r = planted(&n);
	struct report_variable *open = (struct report_variable *)(uintptr_t)r.variables.items;

	open[1].required = true;
	open[1].filled = false;
	for (int format = 0; format < REPORT_FORMAT__MAX; format++) {
		bool before[100] = { false };

		memset(shown, 0, sizeof(shown));
		for (int detail = 0; detail < REPORT_DETAIL__MAX; detail++) {
			struct str text = write_as(&r, (enum report_format)format,
						   (enum report_detail)detail);

			for (size_t at = 0; at < n; at++) {
				bool now = str_contains(text, mark(at));

				ck_assert_msg(now || !before[at], "%s lost text %zu at %s",
					      report_formats.text[format], at,
					      report_details.text[detail]);
				before[at] = now;
				shown[detail] += now;
			}
		}
		ck_assert(shown[REPORT_SUMMARY] > 10);
		ck_assert(shown[REPORT_SUMMARY] < shown[REPORT_STANDARD]);
		ck_assert(shown[REPORT_STANDARD] < shown[REPORT_FULL]);
	}
}
END_TEST

static struct report with_steps(const struct report_step *steps, size_t n)
{
	return (struct report){ .flow = STR("F"), .steps = LIST_OF(steps, n) };
}

START_TEST(steps_stand_under_their_sections)
{
	static const struct report_step steps[] = {
		{ .title = STR_INIT("One") },
		{ .title = STR_INIT("Two"), .section = STR_INIT("Prepare"), .reverted = true },
		{ .title = STR_INIT("Two"),
		  .section = STR_INIT("Prepare"),
		  .answer = STR_INIT("Done") },
		{ .title = STR_INIT("Three"), .section = STR_INIT("Prepare") },
		{ .title = STR_INIT(" "), .section = STR_INIT("Copy") },
	};
	struct report r = with_steps(steps, 5);
	struct str text = write_as(&r, REPORT_MARKDOWN, REPORT_STANDARD);

	ck_assert(str_contains(text, STR("## Steps\n\n### 1. One\n\n### Prepare\n\n#### 2. Two\n\n"
					 "- **Result:** Done\n\n#### 3. Three\n\n### Copy\n\n"
					 "#### 4. Untitled step\n")));
	text = write_as(&r, REPORT_TEXT, REPORT_FULL);
	ck_assert(str_contains(text, STR("1.  One\n\nPrepare\n.......\n\n-   Two (gone back on)\n\n"
					 "2.  Two\n    Result: Done\n\n3.  Three\n\nCopy\n....\n\n"
					 "4.  Untitled step\n")));
	text = write_as(&r, REPORT_HTML, REPORT_FULL);
	ck_assert(
		str_contains(text, STR("<h3 class=\"section\">Prepare</h3>\n<ol class=\"sheet\">\n"
				       "<li class=\"flow\">\n<h4>Two <span")));
	ck_assert(str_contains(text, STR("<h3>1. One</h3>")));
}
END_TEST

START_TEST(what_is_empty_is_left_out)
{
	struct report r = { .flow = STR(" "), .client = STR("\t"), .summary = STR("\n") };

	ck_assert(str_starts(write_as(&r, REPORT_MARKDOWN, REPORT_FULL),
			     STR("# Untitled flow\n\n---\n\nResolutionFlow record sha256:")));
	ck_assert(
		str_starts(write_as(&r, REPORT_TEXT, REPORT_FULL),
			   STR("Untitled flow\n=============\n\n\nResolutionFlow record sha256:")));
}
END_TEST

/* ---- hostile texts ---- */

/* A report all of whose texts are this one. */
static struct report filled_with(struct str text)
{
	struct report_step *steps = ARENA_ARRAY(arena, struct report_step, 2);
	struct report_variable *variable = ARENA_NEW(arena, struct report_variable);

	steps[0] = (struct report_step){ .section = text,
					 .title = text,
					 .body = text,
					 .answer = text,
					 .skip_reason = text,
					 .note = text,
					 .who = text,
					 .kind = text };
	steps[1] = steps[0];
	steps[1].reverted = true;
	*variable = (struct report_variable){
		.name = text, .label = text, .value = text, .filled = true
	};
	return (struct report){ .flow = text,
				.flow_type = text,
				.client = text,
				.ticket = text,
				.engineer = text,
				.account = text,
				.status = text,
				.outcome = text,
				.summary = text,
				.steps = LIST_OF(steps, 2),
				.variables = LIST_OF(variable, 1),
				.scratchpad = text,
				.address = text };
}

static size_t count(struct str text, struct str part)
{
	size_t n = 0;

	for (size_t at = 0; at + part.n <= text.n; at++)
		n += str_starts(str_skip(text, at), part);
	return n;
}

static const struct str structure[REPORT_FORMAT__MAX][6] = {
	[REPORT_MARKDOWN] = { STR_INIT("\n## "), STR_INIT("\n### "), STR_INIT("\n---"),
			      STR_INIT("\n# "), STR_INIT("\n```"), STR_INIT("\nResolutionFlow") },
	[REPORT_TEXT] = { STR_INIT("\n\n-"), STR_INIT("\nWritten"), STR_INIT("\nResolutionFlow"),
			  STR_INIT("\r"), STR_INIT("\x1b"), STR_INIT("\xe2\x80\xa8") },
	[REPORT_HTML] = { STR_INIT("<h1>"), STR_INIT("<h2>"), STR_INIT("<script"),
			  STR_INIT("</main"), STR_INIT("<div"), STR_INIT("javascript:alert(1)\"") },
	[REPORT_JSON] = { STR_INIT("\"steps\":"), STR_INIT("\"record\":"), STR_INIT("\n"),
			  STR_INIT("<"), STR_INIT("\"note\":"), STR_INIT("\"format\":") },
};

START_TEST(hostile_texts_stay_texts)
{
	static const char *const texts[] = {
		"a\n## Steps\n\n### 1. x\n---\n\n# y",
		"a\n===\n\n```\n",
		"a\r## b\r\n\r\n---\r",
		"</main><script>alert(1)</script></div><h1>x</h1><div>",
		"[x](javascript:alert(1)) <javascript:alert(1)>",
		"\"}],\"record\":\"x\"}",
		"a\nResolutionFlow record sha256:"
		"0000000000000000000000000000000000000000000000000000000000000000\nb",
		"a\n\n-\nWritten\x1b[31m \xe2\x80\xa8"
		"b",
		"{{title}} {{{html}}} %s %n",
		"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xe2\x80\xaegnp.exe",
	};
	struct report plain = filled_with(STR("x")), r;

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++) {
		r = filled_with(str_of(texts[at]));
		for (int format = 0; format < REPORT_FORMAT__MAX; format++) {
			struct str want = write_as(&plain, (enum report_format)format, REPORT_FULL);
			struct str text = write_as(&r, (enum report_format)format, REPORT_FULL);

			for (size_t part = 0; part < 6; part++)
				ck_assert_msg(count(text, structure[format][part]) ==
						      count(want, structure[format][part]),
					      "%zu of %s in %.*s", at, structure[format][part].p,
					      STR_ARG(text));
		}
	}
}
END_TEST

START_TEST(text_is_wrapped_where_it_can_be)
{
	struct report r = filled_with(STR(
		"- Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod "
		"tempor invidunt\n  1. \xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc ut "
		"labore et dolore magna aliquyam erat, sed diam voluptua at vero eos\n"
		"https://example.com/"
		"0123456789012345678901234567890123456789012345678901234567890"));
	struct str rest = write_as(&r, REPORT_TEXT, REPORT_FULL), line;

	ck_assert(str_contains(rest, STR("\n  - Lorem ipsum dolor sit amet, consetetur sadipscing "
					 "elitr, sed diam nonumy\n    eirmod")));
	while (rest.n) {
		line = str_cut(&rest, '\n');
		ck_assert_msg(str_utf8_length(line) <= 76 || str_contains(line, STR("https")) ||
				      str_starts(line, STR("ResolutionFlow")) ||
				      str_find(str_trim(line), ' ') < 0,
			      "%.*s", STR_ARG(line));
		ck_assert(!str_ends(line, STR(" ")));
	}
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
	char *long_text = arena_alloc(arena, (size_t)6 << 20, 1);
	struct report r;
	struct str text;

	memset(long_text, '<', (size_t)6 << 20);
	r = filled_with((struct str){ long_text, (size_t)6 << 20 });
	r = report_cut(arena, &r, REPORT_SUMMARY);
	ck_assert_ptr_nonnull(report_write(arena, case_render(arena), &r, REPORT_HTML, &text));
}
END_TEST

SUITE("reports", is_written_as_the_files_have_it, json_at_full_detail_loses_nothing,
      every_text_is_redacted, the_shape_names_every_field,
      each_detail_has_what_the_one_before_it_has, steps_stand_under_their_sections,
      what_is_empty_is_left_out, hostile_texts_stay_texts, text_is_wrapped_where_it_can_be,
      what_is_too_long_is_refused)
