#ifndef NOTICES_PREFERENCES_H
#define NOTICES_PREFERENCES_H

#include "notices/store.h"

/* What a person wishes to be told of, by which channel and when; the page and the API share it. */
struct preferences {
	struct times times;
	int wish[NOTICE__MAX][CHANNEL__MAX];
};

/* What is kept of whoever asks, and the zones that there are. */
struct kept {
	struct times *times;
	struct list wishes, zones;
};

/* Queues it. */
void preferences_read(struct req *r, struct kept *ret);
struct preferences preferences_of(const struct kept *kept);
/* Commits; ERR_INVALID names the field that is wrong. */
const struct err *preferences_keep(struct req *r, const struct kept *kept,
				   const struct preferences *p) must_check;

/* "A session was prepared for you" */
struct str notice_event_title(int event);
/* Whether whoever asks can be told of that event at all. */
bool preferences_concern(const struct req *r, int event);

extern const struct names day_names; /* from monday */
/* Their bits, of a list of names. */
const struct err *preferences_days(struct req *r, struct list texts, int64_t *ret) must_check;

#endif
