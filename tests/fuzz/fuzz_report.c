/*
 * Any bytes as every text of a report, in every format: sealed documents whose own lines are the
 * same as those of a report of harmless texts, and JSON that reads back as what it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"

#include "../reports/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct render *render;

static void expect(bool sound, const char *what, struct str document)
{
	if (sound)
		return;
	fprintf(stderr, "%s:\n%.*s\n", what, STR_ARG(document));
	abort();
}

static void fill(struct arena *a, const struct shape *s, char *object, struct str text)
{
	for (size_t at = 0; at < s->nfields; at++) {
		const struct field *f = &s->fields[at];
		void *to = object + f->off;

		if (f->type == FIELD_STR) {
			*(struct str *)to = text;
		} else if (f->type == FIELD_LIST) {
			char *item = arena_alloc(a, f->item->size, 16);

			fill(a, f->item, item, text);
			*(struct list *)to = LIST_OF(item, 1);
		}
	}
}

/* How often any of these stands at the beginning of a line: what only we write. */
static size_t own_lines(struct str text, const struct str *marks, size_t n)
{
	size_t found = 0;

	while (text.n) {
		struct str line = str_cut_line(&text);

		for (size_t at = 0; at < n; at++)
			found += str_starts(line, marks[at]);
	}
	return found;
}

static size_t structure(enum report_format format, struct str document)
{
	static const struct str markdown[] = { STR_INIT("#"),         STR_INIT("**Note"),
					       STR_INIT("---"),       STR_INIT("```"),
					       STR_INIT("<"),         STR_INIT("- "),
					       STR_INIT("Resolution") };
	static const struct str html[] = { STR_INIT("<h1"),     STR_INIT("<h2"),
					   STR_INIT("<main"),   STR_INIT("</main"),
					   STR_INIT("<script"), STR_INIT("<dl"),
					   STR_INIT("<footer") };
	static const struct str text[] = { STR_INIT("Resolution"), STR_INIT("Written"),
					   STR_INIT("Client:"), STR_INIT("Outcome:") };

	switch (format) {
	case REPORT_MARKDOWN:
		return own_lines(document, markdown, 7);
	case REPORT_HTML:
		return own_lines(document, html, 7);
	case REPORT_TEXT:
		return own_lines(document, text, 4);
	case REPORT_JSON:
	case REPORT_FORMAT__MAX:
		break;
	}
	return 0;
}

static void check_json(struct arena *a, struct str document)
{
	struct report again = case_read(a, document);
	struct str second = case_write(a, render, &again, REPORT_JSON, REPORT_FULL);

	expect(str_eq(document, second), "not the same again", second);
}

static void check(struct arena *a, const struct report *r, const struct report *harmless,
		  enum report_format format)
{
	struct str document = case_write(a, render, r, format, REPORT_FULL), claimed, computed;
	struct str want = case_write(a, render, harmless, format, REPORT_FULL);

	expect(report_digest(a, document, &claimed, &computed) && str_eq(claimed, computed),
	       "no seal", document);
	expect(structure(format, document) == structure(format, want), "other lines", document);
	if (format == REPORT_JSON)
		check_json(a, document);
}

/* What PostgreSQL keeps as a text. */
static bool is_text(struct str text)
{
	return str_is_utf8(text) && str_find(text, '\0') < 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *start;
	struct arena *a = arena_new((size_t)1 << 30);
	struct str text = { (const char *)data, size };
	struct report r = { .version = 1 }, harmless = r;

	if (!start) {
		start = arena_new((size_t)64 << 20);
		render = case_render(start);
	}
	if (is_text(text) && str_trim(text).n) {
		fill(a, &report_shape, (char *)&r, text);
		fill(a, &report_shape, (char *)&harmless, STR("x"));
		for (int format = 0; format < REPORT_FORMAT__MAX; format++)
			check(a, &r, &harmless, (enum report_format)format);
	}
	report_seal(a, text,
		    size ? (enum report_format)(data[0] % REPORT_FORMAT__MAX) : REPORT_TEXT);
	arena_free(a);
	return 0;
}
