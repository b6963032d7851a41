#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "kit/base/shape.h"
#include "kit/jobs/jobs.h"

struct arena;
struct req;
struct sql;
struct tx;

/*
 * What happened.  Each call queues into the request's transaction, so that it is written with the
 * change that it tells of, or not at all.
 */

/* In the append-only log.  before and after: JSON, never with secrets; none where there is nothing
 * to tell. */
void audit(struct req *r, const char *action, const char *object, struct uuid id,
	   struct json_text before, struct json_text after);

/* The same by the jobs program, which nobody asked. */
void audit_by_clock(struct tx *tx, const char *action, const char *object, struct uuid id,
		    struct json_text after);

/* The same by the operator's command; agent says who ran it. */
void audit_by_operator(struct tx *tx, struct str agent, const char *action, const char *object,
		       struct uuid id, struct json_text after);

/* The same of what touched several accounts: in the platform's own, where there is one already. */
void audit_of_platform(struct tx *tx, struct str agent, const char *action, const char *object,
		       struct uuid id, struct json_text after);

extern const struct json_text audit_nothing;
/* {"name":"value"} */
struct json_text audit_fact(struct arena *a, const char *name, struct str value);

/* To the streams of the account.  user, sign_in: UUID_NONE for all.  It goes out with the commit,
 * for it locks the account's counter. */
struct event {
	const char *topic, *type;
	struct uuid user, sign_in;
	struct json_text payload;
};
void event(struct tx *tx, struct uuid account, const struct event *e);
/* Rings the hub after the commit, where SQL has added events by itself. */
void event_bell(struct tx *tx, struct uuid account);

/* To one person: a sentence on the page of notices, leading to a path of ours; link may be "".
 * It goes out with the commit, too. */
void notice_add(struct tx *tx, struct uuid account, struct uuid person, struct str text,
		const char *link);
/* The same to many: lists of struct str, the ids of people beside what each reads. */
void notices_add(struct tx *tx, struct uuid account, struct list people, struct list texts,
		 const char *link);

/*
 * A request that is to count once, by its key.  The first takes the key; a second of the same body
 * gets the first's answer as an ERR with sqlstate RF208 and the sealed answer as message, one of
 * another body 409.
 */
void once_take(struct tx *tx, struct str key, struct str body_hash);
void once_keep(struct tx *tx, struct str key, struct str sealed_answer);

extern const struct sql *const record_statements[];
extern const struct chore record_chores[];

#endif
