#ifndef NOTICES_STORE_H
#define NOTICES_STORE_H

#include "kit/db/db.h"
#include "notices/notices.h"

/* A person's notices and preferences and their statements, one function each; private to the room.
 */

struct notice {
	struct uuid id;
	struct str text, link;
	struct instant created_at;
	bool unread;
	struct str day; /* "Today", "Yesterday", "3 May 2026" */
};

struct opened {
	struct str link;
};

/* The newest first; before: UUID_NONE, or only those older than this one. */
void store_notices(struct tx *t, struct uuid before, int64_t most, struct list *ret);
/* NULL where that person has no such notice. */
void store_notice_link(struct tx *t, struct uuid id, struct opened **ret);
/* UUID_NONE: all of them. */
void store_notice_read(struct tx *t, struct uuid id);

enum channel { CHANNEL_EMAIL, CHANNEL_INAPP, CHANNEL__MAX };
enum wish { WISH_NOW, WISH_DIGEST, WISH_OFF };

extern const struct names event_names, channel_names, wish_names;

/* Times of day are "22:00"; none where the person has no quiet hours. */
struct times {
	struct str zone, quiet_from, quiet_until;
	int64_t quiet_days; /* Monday 1, Tuesday 2, Wednesday 4 ... */
	bool urgent_anyway;
	struct str digest_at;
	bool chime;
};

struct wish_row {
	int event, channel, wish;
};

struct zone_row {
	struct str name;
};

void store_times(struct tx *t, struct times **ret);
void store_wishes(struct tx *t, struct list *ret);
void store_zones(struct tx *t, struct list *ret);
void store_times_set(struct tx *t, const struct times *times);
/* Of struct wish_row. */
void store_wishes_set(struct arena *a, struct tx *t, struct list rows);
void store_wish_email(struct tx *t, struct str event, struct str wish);
void store_digest_off(struct tx *t);

#endif
