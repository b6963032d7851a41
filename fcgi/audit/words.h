#ifndef AUDIT_WORDS_H
#define AUDIT_WORDS_H

#include "audit/store.h"
#include "people/people.h"

/* An entry in words; pure. */

/* "Session exported unredacted", of session.exported_unredacted. */
struct str audit_words(struct arena *a, struct str name);
/* Who did it; nobody's name is made up. */
struct str audit_actor(struct arena *a, const struct audit_line *line);
/* "Person Maren Holt", "Flow Printer offline"; the kind alone where no name is known. */
struct str audit_object(struct arena *a, const struct audit_line *line);
/* Where it is looked at; none where it has no page, or none that the reader may open. */
struct str audit_link(struct arena *a, const struct audit_line *line, enum role reader);

/* One fact that the entry tells: as it was, and as it is now; none where there was or is none. */
struct audit_change {
	struct str name, was, now;
};
/* A list of these; what is the same before and after is passed over. */
struct list audit_changes(struct arena *a, const struct audit_line *line);
/* "role: viewer -> engineer; team: none -> Service desk" */
struct str audit_changes_text(struct arena *a, struct list changes);

#endif
