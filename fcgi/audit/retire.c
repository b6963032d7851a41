/*
 * The months of the log: made ahead, and let go when they have been kept as long as AUDIT_MONTHS
 * says.  Before a month goes, the head of each account that had entries in it is signed anew, with
 * the last seal that goes: from there the rest of the chain can still be followed.
 */
#include "audit/audit.h"
#include "audit/store.h"
#include "kit/base/arena.h"

#define SEALS_AT_ONCE 50000

static struct list sign(struct job *j, const struct settings *s, struct list retiring)
{
	struct audit_head *heads = ARENA_ARRAY(j->arena, struct audit_head, retiring.n);

	for (size_t at = 0; at < retiring.n; at++) {
		heads[at] = ((const struct audit_head *)retiring.items)[at];
		heads[at].key = audit_key_id(j->arena, s->keys.audit);
		heads[at].sign = audit_head_sign(j->arena, s->keys.audit, &heads[at]);
	}
	return LIST_OF(heads, retiring.n);
}

/* One transaction: what is let go, what the heads say of it, and the entries that tell it. */
static const struct err *let_go(struct job *j, const struct settings *s, struct instant before)
{
	struct audit_count *gone;
	struct list retiring;

	store_audit_turn_wait(j->tx); /* whoever seals signs the same heads */
	store_audit_retiring(j->tx, before, &retiring);
	TRY(tx_more(j->tx));
	if (retiring.n)
		store_audit_heads_retire(j->tx, j->arena, sign(j, s, retiring));
	do {
		store_audit_retire(j->tx, before, SEALS_AT_ONCE, &gone);
		TRY(tx_more(j->tx));
	} while (gone->n == SEALS_AT_ONCE);
	return NULL;
}

static const struct err *keep_months(struct job *j)
{
	const struct settings *s = ((const struct jobs_ctx *)j->ctx)->settings;
	struct audit_cutoff *cutoff;

	store_audit_months(j->tx);
	store_audit_cutoff(j->tx, s->audit_months, &cutoff);
	TRY(tx_more(j->tx));
	return let_go(j, s, cutoff->before);
}

const struct chore audit_chores[] = { { "audit_months", 3600, keep_months }, { 0 } };
