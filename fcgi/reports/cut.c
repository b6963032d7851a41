/*
 * What belongs to which detail; see reports.h.  The shapes say it: JSON prints what the shape of a
 * detail names, and what it does not name is taken out before anything else is written.
 */
#include "reports/cut.h"

#include <string.h>

#include "kit/base/arena.h"

const struct names report_formats = NAMES("markdown", "text", "html", "json");
const struct names report_details = NAMES("summary", "standard", "full");

#define V struct report_variable
static const struct shape variable_shape =
	SHAPE(V, F_STR(V, name), F_STR(V, label, .null = true), F_STR(V, value, .null = true),
	      F_BOOL(V, required), F_BOOL(V, filled));
#undef V

#define S struct report_step
#define STEP_SUMMARY                                                                               \
	F_INT(S, number), F_STR(S, section, .null = true), F_STR(S, title), F_STR(S, kind),        \
		F_STR(S, answer, .null = true)
#define STEP_STANDARD STEP_SUMMARY, F_INT(S, visit), F_STR(S, note, .null = true)
#define STEP_FULL                                                                                  \
	STEP_STANDARD, F_STR(S, body, .null = true), F_STR(S, skip_reason, .null = true),          \
		F_STR(S, who, .null = true), F_TIME(S, at, .null = true), F_INT(S, seconds),       \
		F_BOOL(S, reverted)
static const struct shape summary_step = SHAPE(S, STEP_SUMMARY);
static const struct shape standard_step = SHAPE(S, STEP_STANDARD);
static const struct shape full_step = SHAPE(S, STEP_FULL);
#undef S

#define E struct report_event
static const struct shape event_shape =
	SHAPE(E, F_STR(E, what), F_STR(E, who, .null = true), F_TIME(E, at, .null = true),
	      F_STR(E, word, .null = true));
#undef E

#define R struct report
#define HEAD                                                                                       \
	F_STR(R, format), F_INT(R, format_version), F_ENUM(R, detail, &report_details),            \
		F_STR(R, flow), F_STR(R, flow_type, .null = true), F_INT(R, version),              \
		F_STR(R, client, .null = true), F_STR(R, ticket, .null = true),                    \
		F_STR(R, engineer, .null = true), F_STR(R, account, .null = true),                 \
		F_TIME(R, started, .null = true), F_TIME(R, ended, .null = true),                  \
		F_INT(R, active_seconds), F_STR(R, status, .null = true),                          \
		F_STR(R, outcome, .null = true), F_STR(R, summary, .null = true)
#define FOOT                                                                                       \
	F_STR(R, scratchpad, .null = true), F_TIME(R, made_at, .null = true),                      \
		F_STR(R, address, .null = true), F_STR(R, record)
static const struct shape summary_report = SHAPE(R, HEAD, F_LIST(R, steps, &summary_step), FOOT);
static const struct shape standard_report =
	SHAPE(R, HEAD, F_LIST(R, steps, &standard_step), F_LIST(R, handoffs, &event_shape),
	      F_LIST(R, variables, &variable_shape), FOOT);
const struct shape report_shape =
	SHAPE(R, HEAD, F_LIST(R, steps, &full_step), F_LIST(R, handoffs, &event_shape),
	      F_LIST(R, variables, &variable_shape), FOOT);

static const struct shape *const by_detail[] = {
	[REPORT_SUMMARY] = &summary_report,
	[REPORT_STANDARD] = &standard_report,
	[REPORT_FULL] = &report_shape,
	[REPORT_DETAIL__MAX] = NULL,
};
static const struct shape *const step_by_detail[] = {
	[REPORT_SUMMARY] = &summary_step,
	[REPORT_STANDARD] = &standard_step,
	[REPORT_FULL] = &full_step,
};

static size_t detail_of(const void *report)
{
	return (size_t)((const struct report *)report)->detail;
}

const struct shape report_json_shape =
	SHAPE_WITH(R, (.label = "Record", .variant = detail_of, .variants = by_detail), HEAD, FOOT);
#undef R

static size_t size_of(const struct field *f)
{
	switch (f->type) {
	case FIELD_STR:
	case FIELD_HTML:
	case FIELD_JSON:
		return sizeof(struct str);
	case FIELD_INT:
		return sizeof(int64_t);
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_TIME:
		return sizeof(struct instant);
	case FIELD_UUID:
		return sizeof(struct uuid);
	case FIELD_ENUM:
		return sizeof(int);
	case FIELD_OBJECT:
		return f->item->size;
	case FIELD_REF:
		return sizeof(void *);
	case FIELD_LIST:
		return sizeof(struct list);
	}
	return 0;
}

/* What the shape does not name stays zero. */
static void copy_named(const struct shape *s, const void *from, void *to)
{
	memset(to, 0, s->size);
	for (size_t at = 0; at < s->nfields; at++) {
		const struct field *f = &s->fields[at];

		memcpy((char *)to + f->off, field_at(f, from), size_of(f));
	}
}

/* A step gone back on has no number, so that they are the same at each detail. */
static struct list cut_steps(struct arena *a, const struct report *r, enum report_detail detail)
{
	const struct report_step *from = r->steps.items;
	struct report_step *steps = ARENA_ARRAY(a, struct report_step, r->steps.n + 1);
	int64_t number = 0;
	size_t n = 0;

	for (size_t at = 0; at < r->steps.n; at++) {
		if (from[at].reverted && detail < REPORT_FULL)
			continue;
		if (detail == REPORT_SUMMARY)
			n = 0; /* the last one is what stays */
		copy_named(step_by_detail[detail], &from[at], &steps[n]);
		steps[n++].number = from[at].reverted ? 0 : ++number;
	}
	return LIST_OF(steps, n);
}

static struct list cut_variables(struct arena *a, const struct report *r, enum report_detail detail)
{
	const struct report_variable *from = r->variables.items;
	struct report_variable *variables =
		ARENA_ARRAY(a, struct report_variable, r->variables.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < r->variables.n && detail > REPORT_SUMMARY; at++)
		if (detail == REPORT_FULL || (from[at].required && !from[at].filled))
			variables[n++] = from[at];
	return LIST_OF(variables, n);
}

struct report report_cut(struct arena *a, const struct report *r, enum report_detail detail)
{
	struct report cut;

	copy_named(by_detail[detail], r, &cut);
	cut.format = STR("resolutionflow/record");
	cut.format_version = 1;
	cut.detail = (int)detail;
	cut.steps = cut_steps(a, r, detail);
	cut.variables = cut_variables(a, r, detail);
	cut.record = report_blank_record(a);
	return cut;
}
