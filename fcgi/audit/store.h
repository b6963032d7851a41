#ifndef AUDIT_STORE_H
#define AUDIT_STORE_H

#include "audit/seal.h"
#include "kit/db/db.h"

struct audit_count {
	int64_t n;
};

/* ---- sealing ---- */

struct audit_turn {
	bool mine;
	struct instant now;
};

/* An entry that is due, with the head of its account. */
struct audit_due {
	struct audit_entry entry;
	struct audit_head head;
	struct instant sealed_at;
};

/* Whether this transaction may seal, or let go; the second waits until it may. */
void store_audit_turn(struct tx *t, struct audit_turn **ret);
void store_audit_turn_wait(struct tx *t);
void store_audit_failures(struct tx *t, int64_t most, struct audit_count **ret);
/* In the order in which they are sealed, account by account. */
void store_audit_due(struct tx *t, int64_t most, struct list *ret);
/* All of the same since and key. */
void store_audit_sealed(struct tx *t, struct arena *a, struct list seals);
/* Of the same key. */
void store_audit_heads_set(struct tx *t, struct arena *a, struct list heads);

/* ---- letting go ---- */

struct audit_cutoff {
	struct instant before;
};

void store_audit_months(struct tx *t);
void store_audit_cutoff(struct tx *t, int64_t months, struct audit_cutoff **ret);
void store_audit_retiring(struct tx *t, struct instant before, struct list *ret);
/* Of the same key and time; tells it in each account's log, too. */
void store_audit_heads_retire(struct tx *t, struct arena *a, struct list heads);
void store_audit_retire(struct tx *t, struct instant before, int64_t most,
			struct audit_count **ret);

/* ---- the check ---- */

struct audit_account {
	struct uuid account;
};

struct audit_head_now {
	struct audit_head head;
	int64_t last; /* seal that there is */
	struct instant now;
};

struct audit_sealed {
	struct audit_seal seal;
	struct audit_entry entry;
};

struct audit_entry_at {
	struct uuid id;
	struct instant at;
	struct str action;
};

struct audit_entry_id {
	struct uuid id;
};

struct audit_mac {
	struct str mac;
};

void store_audit_accounts(struct tx *t, struct list *ret);
void store_audit_head_of(struct tx *t, struct uuid account, struct audit_head_now **ret);
void store_audit_heads(struct tx *t, struct list *ret);
void store_audit_seals(struct tx *t, struct uuid account, int64_t after, int64_t upto, int64_t most,
		       struct list *ret);
void store_audit_moved(struct tx *t, struct uuid account, struct uuid id,
		       struct audit_entry_at **ret);
void store_audit_entries(struct tx *t, struct uuid account, struct uuid after, int64_t minutes,
			 int64_t most, struct list *ret);
void store_audit_seals_of(struct tx *t, struct uuid account, struct uuid first, struct uuid last,
			  struct list *ret);
void store_audit_seal_at(struct tx *t, struct uuid account, int64_t seq, struct audit_mac **ret);

/* ---- reading ---- */

struct audit_filter {
	struct uuid actor;
	bool nobody;
	struct str action, object;
	struct uuid object_id;
	struct instant since, until;
};

struct audit_place {
	struct uuid older, newer;
	int64_t most, skip;
};

struct audit_line {
	struct uuid id;
	struct instant at;
	struct uuid actor;
	struct str actor_name, platform_name;
	struct str action, object;
	struct uuid object_id;
	struct str object_name, before, after, address, agent, request_id;
	int64_t seal; /* 0: not yet */
};

struct audit_choice {
	struct str kind, value, label;
};

void store_audit_list(struct tx *t, const struct audit_filter *f, const struct audit_place *p,
		      struct list *ret);
void store_audit_count(struct tx *t, const struct audit_filter *f, int64_t most,
		       struct audit_count **ret);
void store_audit_choices(struct tx *t, struct list *ret);

#endif
