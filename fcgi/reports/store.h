#ifndef REPORTS_STORE_H
#define REPORTS_STORE_H

#include "kit/db/db.h"
#include "reports/reports.h"

/* The rows of the reports room and its statements, one function each; private to the room. */

enum share_audience { SHARE_PUBLIC, SHARE_ACCOUNT };
enum share_state { SHARE_OPEN, SHARE_REVOKED, SHARE_EXPIRED, SHARE_USED_UP };
extern const struct names share_audiences, share_states;

struct export_row {
	struct uuid id;
	int format, detail;
	bool redacted, edited;
	struct str text; /* empty in lists */
	struct str digest, person;
	struct instant at;
};

struct export_found {
	struct str account_name;
	int format;
	bool edited;
	struct instant at;
};

struct account_name {
	struct str name;
};

struct share_row {
	struct uuid id;
	int audience, detail;
	bool redact;
	struct instant expires_at;
	int64_t max_views, views; /* max_views 0: any number */
	struct instant created_at, revoked_at;
	struct uuid person;
	struct str person_name;
	int state;
	struct instant viewed_at;
};

struct share_view_row {
	struct uuid share;
	struct instant at;
	struct str person; /* of a colleague */
};

/* A link that was opened; asks: nothing was counted, for it may be opened so often only. */
struct share_open {
	struct uuid session;
	int audience, detail;
	bool redact, asks;
	int64_t views_left;
	struct str account_name;
	struct uuid account;
};

struct new_export {
	struct uuid id, session;
	int format, detail;
	bool redacted, edited;
	struct str text, digest;
};

struct new_share {
	struct uuid id, session;
	struct str token_hash;
	int audience, detail;
	bool redact;
	int64_t seconds, max_views; /* max_views 0: any number */
};

void store_export_add(struct tx *t, const struct new_export *e);
void store_export(struct tx *t, struct uuid session, struct uuid export, struct export_row **ret);
void store_exports(struct tx *t, struct uuid session, struct list *ret);
void store_export_find(struct tx *t, struct str digest, struct export_found **ret);
void store_account_name(struct tx *t, struct account_name **ret);
void store_share_add(struct tx *t, const struct new_share *s);
void store_shares(struct tx *t, struct uuid session, struct list *ret);
void store_share_views(struct tx *t, struct uuid session, struct list *ret);
/* ERR_NOT_FOUND where the session has no such link. */
void store_share_revoke(struct tx *t, struct uuid session, struct uuid share);
/* Enters the account of the link, as nobody. */
void store_share_open(struct tx *t, struct str token_hash, bool claim, struct share_open **ret);

#endif
