/*
 * Seals what is due, for all accounts at once: read in one statement, hashed here, written in one
 * more.  A lock lets one process do it at a time, so no chain forks; what a process that died had
 * begun is still due.
 */
#include "audit/audit.h"
#include "audit/store.h"
#include "kit/base/arena.h"

#define MOST      2000 /* entries of one transaction */
#define ROUND_MAX ((size_t)256 << 20)

struct audit_sealer {
	const struct settings *settings;
	struct db *db;
	struct arena *a; /* of one round */
	struct str key_id;
	struct instant since; /* when nothing was due */
};

struct audit_sealer *audit_sealer_new(struct arena *a, const struct settings *settings,
				      struct db *db)
{
	struct audit_sealer *s = ARENA_NEW(a, struct audit_sealer);

	*s = (struct audit_sealer){ .settings = settings,
				    .db = db,
				    .a = arena_within(a, ROUND_MAX),
				    .key_id = audit_key_id(a, settings->keys.audit) };
	return s;
}

static struct audit_seal seal_of(const struct audit_sealer *s, const struct audit_due *due,
				 const struct audit_head *head)
{
	const uint8_t *key = s->settings->keys.audit;
	struct audit_seal seal = {
		.account = due->entry.account,
		.seq = head->seq + 1,
		.entry = due->entry.id,
		.entry_at = due->entry.at,
		.since = s->since,
		.sealed_at = due->sealed_at,
		.key = s->key_id,
		.previous = head->mac,
		.entry_mac = audit_entry_mac(s->a, key, &due->entry),
	};

	seal.mac = audit_seal_mac(s->a, key, &seal);
	return seal;
}

/* The chains of these entries; *heads are as they are behind them. */
static struct list chain(const struct audit_sealer *s, struct list due, struct list *heads)
{
	const struct audit_due *row = due.items;
	struct audit_seal *seals = ARENA_ARRAY(s->a, struct audit_seal, due.n);
	struct audit_head *head = ARENA_ARRAY(s->a, struct audit_head, due.n);
	size_t n = 0;

	for (size_t at = 0; at < due.n; at++) {
		if (n == 0 || !uuid_eq(head[n - 1].account, row[at].entry.account))
			head[n++] = row[at].head;
		seals[at] = seal_of(s, &row[at], &head[n - 1]);
		head[n - 1].seq = seals[at].seq;
		head[n - 1].mac = seals[at].mac;
	}
	for (size_t at = 0; at < n; at++) {
		head[at].key = s->key_id;
		head[at].sign = audit_head_sign(s->a, s->settings->keys.audit, &head[at]);
	}
	*heads = LIST_OF(head, n);
	return LIST_OF(seals, due.n);
}

const struct err *audit_seal_some(struct audit_sealer *s, bool *more)
{
	struct audit_count *failures;
	struct list due, seals, heads;
	struct audit_turn *turn;
	struct tx *tx;

	*more = false;
	arena_reset(s->a);
	tx = tx_new(s->a, s->db);
	store_audit_failures(tx, MOST, &failures);
	store_audit_turn(tx, &turn);
	store_audit_due(tx, MOST, &due);
	TRY(tx_more(tx));
	if (turn->mine && due.n) {
		seals = chain(s, due, &heads);
		store_audit_sealed(tx, s->a, seals);
		store_audit_heads_set(tx, s->a, heads);
	}
	TRY(tx_run(tx));
	*more = failures->n == MOST || (turn->mine && due.n == MOST);
	if (turn->mine && !*more)
		s->since = turn->now;
	return NULL;
}
