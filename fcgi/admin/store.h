#ifndef ADMIN_STORE_H
#define ADMIN_STORE_H

#include "kit/db/db.h"

/* The rows of the admin room and its statements, one function each; private to the room. */

#define DAYS 7

/* What an account says of itself; a day without times is closed. */
struct account_row {
	struct str name, time_zone;
	bool by_hours;
	struct str monday_opens, monday_closes, tuesday_opens, tuesday_closes, wednesday_opens,
		wednesday_closes, thursday_opens, thursday_closes, friday_opens, friday_closes,
		saturday_opens, saturday_closes, sunday_opens, sunday_closes;
};

struct text_row {
	struct str text;
};

struct retention_row {
	int64_t days; /* 0: for ever */
	struct str way;
	int64_t kept;
	int64_t running; /* sessions of the run that is under way */
};

struct past_total {
	int64_t sessions;
	struct instant oldest;
};

struct past_row {
	struct str month, flow;
	int64_t sessions;
};

struct retention_run {
	struct instant began_at, ended_at;
	int64_t sessions, days;
	struct str way;
};

extern const struct names retention_ways; /* what becomes of those that are due */

/* A session that is due. */
struct due_row {
	struct uuid session;
	struct str flow, client, ticket;
	struct instant ended_at;
};

struct hold_row {
	struct uuid session;
	struct str flow, client, ticket, reason, person;
	struct instant at;
};

struct archive_row {
	struct uuid id;
	int state;
	struct str person;
	struct instant asked_at, ended_at;
	struct str part;
	int64_t total, made, bytes;
	struct str why;
	struct instant until;
};

enum archive_state {
	ARCHIVE_QUEUED,
	ARCHIVE_RUNNING,
	ARCHIVE_DONE,
	ARCHIVE_FAILED,
	ARCHIVE_DELETED
};
extern const struct names archive_states;

struct closing_row {
	struct str name;
	struct instant closing_at;
	struct str person; /* whose wish it was; none: the operator's */
	bool may;          /* close it, who asks */
	struct str owner;
	int64_t people, flows, sessions;
};

struct keeper_row {
	struct uuid id;
	struct str email, name;
};

struct custody_due {
	struct uuid account_id;
};

struct yes_row {
	bool yes;
};

struct archive_taken {
	struct uuid id;
	int64_t attempts;
	struct uuid person;
};

struct archive_gone {
	struct uuid id;
};

/* A piece of the archive: a file of its own, where it has a path. */
struct piece_row {
	struct uuid key;
	struct str path, body;
};

struct flow_piece {
	struct uuid key;
	struct str path, body;
	struct str name, description;
	int type;
	struct str structure, intake;
};

struct session_piece {
	struct uuid key;
	struct str path, body, notes;
};

void store_account(struct tx *t, struct account_row **ret);
void store_account_zones(struct tx *t, struct list *ret);
/* opens, closes: of each day from Monday on; "" is closed. */
void store_account_set(struct tx *t, const struct account_row *row, struct list opens,
		       struct list closes);

void store_retention(struct tx *t, struct retention_row **ret);
void store_retention_lock(struct tx *t);
void store_retention_total(struct tx *t, int64_t days, struct str way, struct past_total **ret);
void store_retention_past(struct tx *t, int64_t days, struct str way, struct list *ret);
struct due_wish {
	int64_t days;
	struct str way;
	int64_t most, skip;
};
void store_retention_due(struct tx *t, const struct due_wish *wish, struct list *ret);
void store_retention_set(struct tx *t, int64_t days, struct str way);
void store_retention_runs(struct tx *t, struct list *ret);
void store_holds(struct tx *t, int64_t most, int64_t skip, struct list *ret);
void store_hold(struct tx *t, struct uuid session, struct hold_row **ret);
void store_hold_lock(struct tx *t, struct uuid session); /* ERR_NOT_FOUND */
void store_hold_set(struct tx *t, struct uuid session, struct str reason);
void store_hold_seed(struct tx *t, struct str flow, struct str reason); /* ERR_NOT_FOUND */
void store_hold_end(struct tx *t, struct uuid session);                 /* ERR_NOT_FOUND */

void store_archives(struct tx *t, struct list *ret);
void store_archive(struct tx *t, struct uuid id, struct archive_row **ret);
void store_archive_ask(struct tx *t, struct uuid id);
void store_archive_drop(struct tx *t, struct uuid id);

void store_closing(struct tx *t, struct closing_row **ret);
void store_account_close(struct tx *t, struct str name, int64_t days);
void store_account_keep(struct tx *t);
void store_keepers(struct tx *t, struct list *ret);

/* ---- the jobs program's ---- */

void store_custody_due(struct tx *t, const char *what, struct custody_due **ret);
void store_custody_enter(struct tx *t, struct uuid account);
void store_custody_retain(struct tx *t, struct uuid account, int most, struct yes_row **ret);
void store_custody_erase_begin(struct tx *t, struct uuid account, struct yes_row **ret);
void store_custody_erase(struct tx *t, struct uuid account, int most, struct yes_row **ret);
void store_custody_remind(struct tx *t, struct closing_row **ret);
void store_archive_take(struct tx *t, struct str holder, struct archive_taken **ret);
struct archive_told {
	struct uuid id;
	struct str holder, part;
	int64_t made, bytes;
};
void store_archive_tell(struct tx *t, const struct archive_told *told, struct yes_row **ret);
/* part: the state that it comes to; why: of a failure. */
void store_archive_end(struct tx *t, const struct archive_told *told, struct str why,
		       struct yes_row **ret);
void store_archive_release(struct tx *t, struct uuid id, struct str holder);
void store_archive_expire(struct tx *t, struct list *ret);

/* Several of one flow. */
struct version_piece {
	struct uuid key;
	struct str path, body;
	int64_t n;
};

/* The first of a transaction that reads what was there when it began, and may take its time. */
void store_archive_view(struct tx *t, struct uuid account);

/* Its parts in their order, ended by one without a label. */
struct archive_part {
	const char *label;
	const char *file, *head; /* all pieces in one file, under this head; NULL: a file each */
	const struct sql *sql;
	int most; /* pieces at once */
};
extern const struct archive_part archive_parts[];
/* Where a part goes on: behind this piece. */
struct piece_place {
	struct uuid key;
	int64_t n;
};
void store_pieces(struct tx *t, const struct archive_part *part, struct piece_place after,
		  struct list *ret);
bool part_is_flows(const struct archive_part *part);
bool part_is_sessions(const struct archive_part *part);
bool part_is_versions(const struct archive_part *part);

extern const struct sql *const admin_statements[];

#endif
