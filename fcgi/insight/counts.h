#ifndef INSIGHT_COUNTS_H
#define INSIGHT_COUNTS_H

#include "insight/store.h"
#include "kit/http/http.h"

/* The hand-offs of some days, counted for page, API and file. */

enum part { PART_FLOWS, PART_STEPS, PART_HOURS, PART_WEEKDAYS, PART_PEOPLE };
extern const struct names count_parts;

/* What the address asks for: the last days, or from one day to another, both included. */
struct counts_query {
	int days;
	struct str from, to;
	int of; /* the file's alone: enum part */
};
extern const struct shape counts_query_shape, counts_file_shape;
extern const struct names count_days;

#define HOURS    24
#define WEEKDAYS 7

struct counts {
	struct span span;
	int days; /* of count_days; -1: from one day to another */
	const struct totals_row *totals;
	struct list flows, steps, people; /* struct stuck_flow, stuck_step, stuck_person */
	int64_t hours[HOURS], weekdays[WEEKDAYS];
};

/* Commits. */
const struct err *counts_read(struct req *r, struct counts *ret) must_check;

extern const struct names weekday_words;

/* What a list calls a step: where nothing was left to do there is none. */
struct str step_title(const struct stuck_step *s);

/* A table of them as a file. */
const struct err *counts_csv(struct req *r) must_check;

#endif
