#ifndef PEOPLE_SECURITY_H
#define PEOPLE_SECURITY_H

#include "kit/render/render.h"
#include "people/second_factor.h"

extern const struct view security_view, factor_reset_view;

/* What a person's page says of it; templates/people/user_factor prints it. */
struct factor_view {
	struct uuid id;
	struct instant since;
	struct str since_ago;
	bool may_reset;
};
extern const struct shape factor_view_shape;
/* holder: NULL where it is none of the account's own people. */
struct factor_view factor_view(struct req *r, struct uuid id, const struct holder_row *holder);

#endif
