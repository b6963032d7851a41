#ifndef NOTICES_NOTICES_H
#define NOTICES_NOTICES_H

#include "kit/http/http.h"

struct render;
struct sql;

/*
 * Where a person reads what concerns them, and says what of it comes by which channel and when.
 * record.h's notice_add writes a notice.  What each wishes is the view `wish`; when a mail of that
 * wish may leave, mail_at(person, wish, urgent, now) says: both in migrations/0011_preferences.sql.
 */
enum notice_event {
	NOTICE_PREPARED,   /* a session was prepared for them */
	NOTICE_ESCALATION, /* a colleague hands off, or it is open again */
	NOTICE_OVERDUE,    /* nobody took it in time */
	NOTICE_ANSWER,     /* their own hand-off was taken, given back, resolved */
	NOTICE__MAX,
	NOTICE_DIGEST = NOTICE__MAX /* unsubscribe_link only: all that comes by digest */
};

/* Where a person turns off the mails of an event, by one click and without a sign-in (RFC 8058). */
struct unsubscribe {
	struct str url;         /* for the foot of the mail */
	struct pair headers[3]; /* ended by one without a name */
};
struct unsubscribe unsubscribe_link(struct arena *a, const struct settings *settings,
				    struct uuid account, struct uuid person,
				    enum notice_event event);

/* A mail of several notices, the oldest first.  A line's text and link were made for that reader:
 * the text is redacted, the link is a path of ours. */
struct digest_line {
	struct str text, link;
	struct instant at;
};
struct digest_reader {
	struct uuid account, person;
	struct str name, email, account_name;
};
struct digest_mail {
	struct str subject, text, html;
	struct unsubscribe unsubscribe;
};
struct digest_mail digest_mail(struct arena *a, const struct render *render,
			       const struct settings *settings, const struct digest_reader *to,
			       struct list lines);

extern const struct route notices_routes[], preferences_routes[], preferences_api[],
	unsubscribe_routes[];
extern const struct view *const notices_views[];
extern const struct sql *const notices_statements[];

#endif
