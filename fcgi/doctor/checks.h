#ifndef DOCTOR_CHECKS_H
#define DOCTOR_CHECKS_H

#include "doctor/doctor.h"

/*
 * A row of the table.  look says what it found wrong, one line, or none; the row says how bad that
 * is and what to do.  It may raise or lower the state where that depends.
 */
struct found {
	struct str text; /* none: all is well */
	int state;
	struct str advice;
};

struct check {
	const char *name;
	enum finding_state state;
	const char *advice;
	const struct sql *const *wrong; /* lines of what is wrong, as the owner; or */
	const struct err *(*look)(struct doctor *d, struct found *ret);
};

/* The lines of a list as one, "a; b; c". */
struct str check_lines(struct arena *a, struct list lines);

/* Ended by one without a name. */
extern const struct check settings_checks[], machine_checks[], database_checks[], site_checks[];

#endif
