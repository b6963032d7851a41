#ifndef REPORTS_H
#define REPORTS_H

#include "kit/base/clock.h"
#include "kit/base/err.h"
#include "kit/base/shape.h"

/*
 * The finished documentation of a run: for a ticket, for paper, for another program.  Pure: whoever
 * has the run fills a struct report, and gets a document of it.
 *
 *	cut = report_cut(a, &report, REPORT_STANDARD);
 *	report_redact(a, &cut, redact, ctx);
 *	TRY(report_write(a, render, &cut, REPORT_MARKDOWN, &text));
 *
 * Any text may hold anything that is UTF-8; none and blank ones are left out.  Those marked so are
 * Markdown, the rest is plain.
 */
struct arena;
struct render;
struct view;

enum report_format { REPORT_MARKDOWN, REPORT_TEXT, REPORT_HTML, REPORT_JSON, REPORT_FORMAT__MAX };

/* Each has all that the one before it has. */
enum report_detail {
	REPORT_SUMMARY,  /* the head, the outcome, what was said at the end, the last step */
	REPORT_STANDARD, /* the steps that stand with answers and notes; what should be filled in;
			    hand-offs */
	REPORT_FULL, /* what each step said, who, when, why not; steps gone back on; variables */
	REPORT_DETAIL__MAX
};

extern const struct names report_formats, report_details; /* "markdown", "standard" */
/* As a file is sent, by enum report_format. */
extern const struct report_file {
	const char *media, *ending; /* "text/markdown; charset=utf-8", "md" */
} report_files[REPORT_FORMAT__MAX];

struct report_variable {
	struct str name, label; /* without a label it goes by its name */
	struct str value;       /* none though it is filled: not to be shown, such as a password */
	bool required, filled;
};

struct report_step {
	int64_t number; /* among those that stand, from 1; 0: gone back on.  Counted here. */
	struct str section;
	struct str title;
	struct str kind;   /* "decision", "action", "answer" */
	struct str body;   /* Markdown; its variables already have their values */
	struct str answer; /* the option's label, "Done", "Skipped" */
	struct str skip_reason;
	struct str note; /* Markdown */
	struct str who;
	struct instant at;
	int64_t seconds;
	int64_t visit; /* 2: for the second time among those that stand; 0 and 1 are not told */
	bool reverted; /* gone back on */
};

/* What happened to it by way of colleagues: "Handed off" by whom, and what they said. */
struct report_event {
	struct str what, who;
	struct instant at;
	struct str word;
};

struct report {
	struct str format; /* the first three and the last are ours to fill */
	int64_t format_version;
	int detail;
	struct str flow;      /* its name */
	struct str flow_type; /* "Troubleshooting flow" */
	int64_t version;      /* 0: not told */
	struct str client, ticket;
	struct str engineer, account; /* names */
	struct instant started, ended;
	int64_t active_seconds;
	struct str status, outcome; /* as people read them: "Completed", "Resolved" */
	struct str summary;         /* Markdown */
	struct list steps;          /* struct report_step, in the order of time */
	struct list handoffs;       /* struct report_event, in the order of time */
	struct list variables;      /* struct report_variable */
	struct str scratchpad;      /* Markdown; none: not asked for */
	struct instant made_at;
	struct str address; /* of the run's page */
	struct str record;  /* the seal */
};

/* All of it; report_write's JSON prints of it what its detail has, by report_json_shape. */
extern const struct shape report_shape, report_json_shape;

/* The part of a report that a detail has, its steps numbered. */
struct report report_cut(struct arena *a, const struct report *r, enum report_detail detail);

/*
 * What was cut as a document, sealed.  render has report_views loaded; only HTML needs it.
 * ERR_INVALID for what is longer than anyone could read.
 */
const struct err *report_write(struct arena *a, const struct render *render,
			       const struct report *cut, enum report_format format,
			       struct str *ret) must_check;

/*
 * The same for a page of the product: F_REF(T, document, struct report_paper, &report_paper_shape)
 * in its view and {{#document}}{{> reports/document}}{{/document}} in its template, whose <h1> says
 * what it is of.  Its record is not sealed.
 */
struct report_paper;
extern const struct shape report_paper_shape;
const struct report_paper *report_paper(struct arena *a, const struct report *cut);

/*
 * Puts every text that people typed or that a flow brought through the function; what it returns
 * lives as long as the report.  That is each text of report_shape but for a few of our own.
 */
void report_redact(struct arena *a, struct report *r, struct str (*redact)(void *ctx, struct str),
		   void *ctx);

/*
 * The seal: a line "ResolutionFlow record sha256:" and 64 digits, in JSON the member "record".  It
 * is the SHA-256 of the document with 64 zeros in their place, CRLF made LF and without blanks and
 * newlines at its end, so that what mail and tickets do to a text does not break it.  It tells
 * whether a text was changed, not by whom.
 */
#define REPORT_DIGEST 64
/* The text with a seal that fits it; one that was edited away is added at its end. */
struct str report_seal(struct arena *a, struct str text, enum report_format format);
/* False where no seal is to be found; else what it says and what it should say. */
bool report_digest(struct arena *a, struct str text, struct str *claimed, struct str *computed);

extern const struct view *const report_views[];

#endif
