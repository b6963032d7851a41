#ifndef TESTS_REPORTS_CASE_H
#define TESTS_REPORTS_CASE_H

#include <stdio.h>
#include <stdlib.h>

#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "reports/reports.h"

/* What the programs about reports share: one is read from JSON, and written with our templates. */
static struct report __attribute__((unused)) case_read(struct arena *a, struct str json)
{
	struct report r = { .version = 0 };
	const struct err *e = shape_read_json(a, &report_shape, json, &r);

	if (e) {
		fprintf(stderr, "%.*s\n", STR_ARG(e->message));
		abort();
	}
	return r;
}

static const struct render *case_render(struct arena *a)
{
	const struct view *const *const rooms[] = { report_views, NULL };
	struct render *render;
	const struct err *e = crypto_start(a);

	if (!e)
		e = render_load(a, "templates", &people_frame_shape, rooms, &render);
	if (e) {
		fprintf(stderr, "%.*s\n", STR_ARG(e->message));
		abort();
	}
	return render;
}

static struct str __attribute__((unused))
case_write(struct arena *a, const struct render *render, const struct report *r,
	   enum report_format format, enum report_detail detail)
{
	struct report cut = report_cut(a, r, detail);
	struct str text;
	const struct err *e = report_write(a, render, &cut, format, &text);

	if (e) {
		fprintf(stderr, "%.*s\n", STR_ARG(e->message));
		abort();
	}
	return text;
}

#endif
