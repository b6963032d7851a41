#ifndef PEOPLE_INVITE_LIST_H
#define PEOPLE_INVITE_LIST_H

#include "kit/base/shape.h"

struct arena;

/*
 * Lists of people to invite, as people paste or send them: pure.  CSV with or without a head, in
 * the order e-mail, role, team, separated by commas, semicolons or tabs.
 */
#define INVITE_LIST_MOST 500

struct invite_entry {
	int64_t n; /* its line in the list, from 1 */
	struct str email, role, team;
	struct uuid team_id;
	struct str fault; /* what is wrong with it in itself: a name of invite_outcomes, or "" */
};

/* What becomes of a line. */
enum invite_outcome {
	LINE_OK,
	LINE_SENT,
	LINE_MEMBER,
	LINE_INVITED,
	LINE_BAD_ADDRESS,
	LINE_UNKNOWN_ROLE,
	LINE_UNKNOWN_TEAM,
	LINE_DUPLICATE,
	LINE_OVER_LIMIT,
	LINE__MAX
};
extern const struct names invite_outcomes, invite_outcome_words;

/* A list of struct invite_entry, empty lines left out; one more than the most where it is too long.
 * role: of lines that name none. */
struct list invite_list_read(struct arena *a, struct str text, struct str role);
/* Brings what was written into its form, and says what is wrong with it. */
void invite_entry_judge(struct arena *a, struct invite_entry *entry, struct str role);

#endif
