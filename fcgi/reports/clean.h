#ifndef REPORTS_CLEAN_H
#define REPORTS_CLEAN_H

#include "kit/http/http.h"
#include "kit/redact/redact.h"
#include "reports/reports.h"

/* A report without what must not leave, and what was taken out of it. */
struct cleaning {
	struct req *req;
	const struct redact_rules *rules;
	struct hits hits;
	struct redact_line
		*lines; /* of notes and other typed texts; NULL: they are not asked for */
	size_t nlines;
};

#define CLEANING_LINES_MAX 400

/* keep, drop: lists of ids of hits and of lines.  The account's own patterns are read by
 * cleaning_read, in the transaction that reads the session. */
struct cleaning_read {
	struct list patterns;
};
void cleaning_read(struct req *r, struct cleaning_read *ret);
void cleaning_begin(struct req *r, const struct cleaning_read *read, struct list keep,
		    struct list drop, struct cleaning *ret);
/* From now on lines are listed too, for a page to choose from: it takes as long again. */
void cleaning_list_lines(struct cleaning *c);
/* Of what was cut, for only what leaves is to be looked through. */
void cleaning_report(struct cleaning *c, struct report *cut);
struct str cleaning_text(struct cleaning *c, struct str text);

#endif
