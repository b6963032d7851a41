#ifndef REPORTS_PAPER_H
#define REPORTS_PAPER_H

#include "kit/base/buf.h"
#include "reports/reports.h"

/* Private to the room: a report as people read it, all in words; each writer only sets it. */
struct report_fact {
	struct str label, value;
	struct str datetime, link; /* where it is a time or an address of the web */
	struct str name, state;    /* of a variable without a value to show: "not filled in" */
};

struct report_passage {
	struct str text;  /* Markdown */
	struct html html; /* the same, where it was asked for */
};

struct report_entry {
	int64_t number, level; /* of its heading, 3 or 4 */
	struct str title;
	struct str mark; /* "gone back on", "visit 2" */
	struct report_passage body, note;
	struct list facts;
	bool lengthy; /* may not fit on a sheet of paper */
};

/* Steps one after the other that are of one section, or of none. */
struct report_group {
	struct str section;
	struct list entries;
};

struct report_paper {
	struct str title, ticket;
	struct list facts;
	struct report_passage summary, scratchpad;
	struct str steps_title; /* none: no step */
	struct list groups;
	struct str handoffs_title; /* none: no hand-off */
	struct list handoffs;      /* facts */
	struct str values_title;   /* none: no variable */
	struct list values;        /* facts */
	struct str made, made_datetime, detail, record;
};

/* html: with the passages as HTML.  cut: of report_cut. */
const struct report_paper *report_paper_of(struct arena *a, const struct report *cut, bool html);

void report_put_markdown(struct buf *out, const struct report_paper *p);
void report_put_text(struct buf *out, const struct report_paper *p);

#endif
