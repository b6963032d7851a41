#ifndef KIT_REDACT_PATTERN_H
#define KIT_REDACT_PATTERN_H

#include "kit/redact/redact.h"
#include "kit/redact/scan.h"

/*
 * The account's own patterns, by PCRE2: bounded in steps for each place of a text, and in time for
 * all texts of one set of rules, since a pattern of a few signs may otherwise take for ever.
 */
struct pattern {
	void *code;      /* NULL: did not compile */
	struct str kind; /* what its marks say, or none */
	uint32_t secret; /* the group to take out; 0: all of a match */
};

const struct err *pattern_compile(struct arena *a, struct str text, struct pattern *ret) must_check;

/* What all patterns of a set of rules share. */
struct pattern_run {
	struct arena *arena;
	struct spans *found;
	int64_t left; /* microseconds of the processor */
	bool gave_up;
};

/* Adds what the pattern matches in the subject, which is UTF-8; a line on which it gave up, whole.
 */
void pattern_find(struct pattern_run *run, const struct pattern *p, struct str subject);

#endif
