#ifndef WEBHOOKS_ACTS_H
#define WEBHOOKS_ACTS_H

#include "webhooks/store.h"

/* What pages and API do to endpoints; private to the room.  Each runs the request's transaction. */

#define WEBHOOK_EVENTS 6
/* What an endpoint can ask for: the value, and what people read for it. */
extern const struct choice webhook_events[WEBHOOK_EVENTS + 1];
extern const struct choice webhook_kind_choices[];
extern const struct shape event_text;

/* NULL, or what is wrong with the name of an event. */
const char *check_event(struct str event);

struct webhook_input {
	struct str name, url;
	int kind;
	struct list events; /* of struct str */
};

struct webhook_change {
	struct str name, url;
	struct list events;
	bool active;
};

/* The row's secret is there this once. */
const struct err *act_add(struct req *r, struct webhook_row **ret) must_check;
/* whole: all fields came, as a page sends them; else those that input_given() tells. */
const struct err *act_save(struct req *r, bool whole, struct webhook_row **ret) must_check;
const struct err *act_delete(struct req *r) must_check;
const struct err *act_secret(struct req *r, struct str *secret) must_check;
const struct err *act_resume(struct req *r) must_check;
const struct err *act_test(struct req *r, struct uuid *call) must_check;
/* The call of the second id in the path. */
const struct err *act_again(struct req *r) must_check;

/* For a route's find: the endpoint is there. */
void webhook_find(struct req *r);

#endif
