#ifndef PEOPLE_HELD_H
#define PEOPLE_HELD_H

#include "people/team.h"

/* What somebody holds, as pages show it: a group for each kind, with its first few. */
#define HELD_SHOWN 5

struct held_group {
	struct str title, more; /* more: "and 7 more", or none */
	int64_t total;
	struct list items;
	bool may_hand_on; /* sessions under way, which an admin may hand to somebody else */
};
extern const struct shape held_group_shape;

/* rows: of struct holding_row. */
struct list held_groups(struct req *r, struct list rows);

#endif
