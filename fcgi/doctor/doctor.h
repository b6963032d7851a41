#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "kit/base/err.h"
#include "kit/base/shape.h"
#include "kit/db/db.h"

struct settings;

/*
 * Looks at an installation from where the operator stands and says of each thing whether it is
 * well.  The checks are a table in checks.c; one that can't be made is itself a finding, and the
 * others go on.  It writes nothing.
 */
enum finding_state { FINDING_OK, FINDING_WARN, FINDING_FAIL, FINDING_SKIPPED };

struct finding {
	int state;                       /* of finding_states */
	struct str check, found, advice; /* advice: none where nothing is to be done */
};
extern const struct names finding_states;
extern const struct shape finding_shape;

struct doctor {
	struct arena *arena;
	const struct settings *settings; /* with schema_version */
	const struct err *broken;        /* why no worker could start, or NULL */
	/* How to connect as "migrate", "worker", "hub", "jobs", "backup". */
	struct db_settings (*place)(struct arena *a, const struct settings *settings,
				    const char *program);
	struct list chore_names, chore_seconds; /* of texts */
	struct str pool_map;                    /* what nginx should know of the routes */
	const char *nginx;                      /* the folder where nginx's site keeps its parts */
	const char *backups;                    /* the folder where backups are made */
	bool mail;                              /* ask the mail server, too */
	/* Of the checks, as they come to need them. */
	struct db *owner, *jobs;
};

/* Findings, in the order of the tables: a list of struct finding.  Those of nginx's site are for
 * root, where root calls, before it becomes the programs' user; all others for that one. */
struct list doctor_look_as_root(struct doctor *d);
struct list doctor_look(struct doctor *d);

/* For a program's own checks: where the settings can't be read there is only this to say. */
struct finding doctor_settings_broken(const struct err *e);

#endif
