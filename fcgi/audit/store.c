/* The audit room's statements; see store.h and store.sql. */
#include "audit/store.h"

#include "kit/base/arena.h"

/* A column is called as the member that takes it: "entry.action". */
#define ENTRY_FIELDS(T)                                                                            \
	F_UUID(T, entry.account), F_UUID(T, entry.id), F_TIME(T, entry.at),                        \
		F_BOOL(T, entry.there), F_UUID(T, entry.actor, .null = true),                      \
		F_STR(T, entry.action, .null = true), F_STR(T, entry.object, .null = true),        \
		F_UUID(T, entry.object_id, .null = true), F_STR(T, entry.before, .null = true),    \
		F_STR(T, entry.after, .null = true), F_STR(T, entry.address, .null = true),        \
		F_STR(T, entry.agent, .null = true), F_STR(T, entry.request_id, .null = true)
#define HEAD_FIELDS(T)                                                                             \
	F_UUID(T, head.account), F_INT(T, head.seq), F_STR(T, head.mac),                           \
		F_INT(T, head.retired_seq), F_STR(T, head.retired_mac),                            \
		F_TIME(T, head.retired_before, .null = true), F_STR(T, head.key, .null = true),    \
		F_STR(T, head.sign, .null = true)

static const struct shape count_shape = SHAPE(struct audit_count, F_INT(struct audit_count, n));
static const struct shape turn_shape =
	SHAPE(struct audit_turn, F_BOOL(struct audit_turn, mine), F_TIME(struct audit_turn, now));

#define D struct audit_due
static const struct shape due_shape =
	SHAPE(D, ENTRY_FIELDS(D), HEAD_FIELDS(D), F_TIME(D, sealed_at));
#undef D

static const struct shape cutoff_shape =
	SHAPE(struct audit_cutoff, F_TIME(struct audit_cutoff, before));

#define H struct audit_head
static const struct shape head_shape =
	SHAPE(H, F_UUID(H, account), F_INT(H, seq), F_STR(H, mac), F_INT(H, retired_seq),
	      F_STR(H, retired_mac), F_TIME(H, retired_before, .null = true), F_STR(H, key),
	      F_STR(H, sign));
#undef H

#define N struct audit_head_now
static const struct shape head_now_shape = SHAPE(N, HEAD_FIELDS(N), F_INT(N, last), F_TIME(N, now));
#undef N

#define S struct audit_sealed
static const struct shape sealed_shape =
	SHAPE(S, F_UUID(S, seal.account), F_INT(S, seal.seq), F_UUID(S, seal.entry),
	      F_TIME(S, seal.entry_at), F_TIME(S, seal.since, .null = true),
	      F_TIME(S, seal.sealed_at), F_STR(S, seal.key), F_STR(S, seal.previous),
	      F_STR(S, seal.entry_mac), F_STR(S, seal.mac), ENTRY_FIELDS(S));
#undef S

static const struct shape account_shape =
	SHAPE(struct audit_account, F_UUID(struct audit_account, account));
static const struct shape entry_at_shape =
	SHAPE(struct audit_entry_at, F_UUID(struct audit_entry_at, id),
	      F_TIME(struct audit_entry_at, at), F_STR(struct audit_entry_at, action));
static const struct shape entry_id_shape =
	SHAPE(struct audit_entry_id, F_UUID(struct audit_entry_id, id));
static const struct shape seal_mac_shape = SHAPE(struct audit_mac, F_STR(struct audit_mac, mac));

#define L struct audit_line
static const struct shape line_shape = SHAPE(
	L, F_UUID(L, id), F_TIME(L, at), F_UUID(L, actor, .null = true),
	F_STR(L, actor_name, .null = true), F_STR(L, platform_name, .null = true), F_STR(L, action),
	F_STR(L, object), F_UUID(L, object_id, .null = true), F_STR(L, object_name, .null = true),
	F_STR(L, before, .null = true), F_STR(L, after, .null = true),
	F_STR(L, address, .null = true), F_STR(L, agent, .null = true),
	F_STR(L, request_id, .null = true), F_INT(L, seal, .null = true));
#undef L

static const struct shape choice_shape =
	SHAPE(struct audit_choice, F_STR(struct audit_choice, kind),
	      F_STR(struct audit_choice, value), F_STR(struct audit_choice, label));

#include "fcgi/audit/store.sql.h"

/* One member of each of many, as a list of texts. */
struct column {
	struct str *items;
	size_t n;
};

static struct column column(struct arena *a, size_t n)
{
	return (struct column){ ARENA_ARRAY(a, struct str, n + 1), 0 };
}

static struct list list_of(const struct column *c)
{
	return LIST_OF(c->items, c->n);
}

static void add(struct column *c, struct str text)
{
	c->items[c->n++] = text;
}

static struct str number(struct arena *a, int64_t n)
{
	return str_fmt(a, "%lld", (long long)n);
}

/* ---- sealing ---- */

void store_audit_turn(struct tx *t, struct audit_turn **ret)
{
	tx_maybe(t, &sql_audit_turn, ret);
}

void store_audit_turn_wait(struct tx *t)
{
	tx_exec(t, &sql_audit_turn_wait);
}

void store_audit_failures(struct tx *t, int64_t most, struct audit_count **ret)
{
	tx_maybe(t, &sql_audit_failures, ret, P(most));
}

void store_audit_due(struct tx *t, int64_t most, struct list *ret)
{
	tx_list(t, &sql_audit_due, ret, P(most));
}

void store_audit_sealed(struct tx *t, struct arena *a, struct list seals)
{
	const struct audit_seal *s = seals.items;
	struct column accounts = column(a, seals.n), seqs = column(a, seals.n),
		      entries = column(a, seals.n), times = column(a, seals.n),
		      previous = column(a, seals.n), entry_macs = column(a, seals.n),
		      macs = column(a, seals.n);

	for (size_t at = 0; at < seals.n; at++) {
		add(&accounts, uuid_str(&s[at].account));
		add(&seqs, number(a, s[at].seq));
		add(&entries, uuid_str(&s[at].entry));
		add(&times, clock_rfc3339(a, s[at].entry_at));
		add(&previous, s[at].previous);
		add(&entry_macs, s[at].entry_mac);
		add(&macs, s[at].mac);
	}
	tx_exec(t, &sql_audit_sealed, P(list_of(&accounts)), P(list_of(&seqs)),
		P(list_of(&entries)), P(list_of(&times)), P(s->since), P(s->key),
		P(list_of(&previous)), P(list_of(&entry_macs)), P(list_of(&macs)));
}

/* What both statements that write heads take. */
struct head_columns {
	struct column accounts, seqs, macs, signs;
};

static struct head_columns head_columns(struct arena *a, struct list heads, bool retired)
{
	const struct audit_head *h = heads.items;
	struct head_columns c = { column(a, heads.n), column(a, heads.n), column(a, heads.n),
				  column(a, heads.n) };

	for (size_t at = 0; at < heads.n; at++) {
		add(&c.accounts, uuid_str(&h[at].account));
		add(&c.seqs, number(a, retired ? h[at].retired_seq : h[at].seq));
		add(&c.macs, retired ? h[at].retired_mac : h[at].mac);
		add(&c.signs, h[at].sign);
	}
	return c;
}

void store_audit_heads_set(struct tx *t, struct arena *a, struct list heads)
{
	const struct audit_head *h = heads.items;
	struct head_columns c = head_columns(a, heads, false);

	tx_exec(t, &sql_audit_heads_set, P(list_of(&c.accounts)), P(list_of(&c.seqs)),
		P(list_of(&c.macs)), P(h->key), P(list_of(&c.signs)));
}

/* ---- letting go ---- */

void store_audit_months(struct tx *t)
{
	tx_exec(t, &sql_audit_months);
}

void store_audit_cutoff(struct tx *t, int64_t months, struct audit_cutoff **ret)
{
	tx_maybe(t, &sql_audit_cutoff, ret, P(months));
}

void store_audit_retiring(struct tx *t, struct instant before, struct list *ret)
{
	tx_list(t, &sql_audit_retiring, ret, P(before));
}

void store_audit_heads_retire(struct tx *t, struct arena *a, struct list heads)
{
	const struct audit_head *h = heads.items;
	struct head_columns c = head_columns(a, heads, true);

	tx_exec(t, &sql_audit_heads_retire, P(list_of(&c.accounts)), P(list_of(&c.seqs)),
		P(list_of(&c.macs)), P(h->retired_before), P(h->key), P(list_of(&c.signs)));
	tx_exec(t, &sql_audit_retired, P(list_of(&c.accounts)), P(h->retired_before));
}

void store_audit_retire(struct tx *t, struct instant before, int64_t most, struct audit_count **ret)
{
	tx_maybe(t, &sql_audit_retire, ret, P(before), P(most));
}

/* ---- the check ---- */

void store_audit_accounts(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_audit_accounts, ret);
}

void store_audit_head_of(struct tx *t, struct uuid account, struct audit_head_now **ret)
{
	tx_maybe(t, &sql_audit_head_of, ret, P(account));
}

void store_audit_heads(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_audit_heads, ret);
}

void store_audit_seals(struct tx *t, struct uuid account, int64_t after, int64_t upto, int64_t most,
		       struct list *ret)
{
	tx_list(t, &sql_audit_seals, ret, P(account), P(after), P(upto), P(most));
}

void store_audit_moved(struct tx *t, struct uuid account, struct uuid id,
		       struct audit_entry_at **ret)
{
	tx_maybe(t, &sql_audit_moved, ret, P(account), P(id));
}

void store_audit_entries(struct tx *t, struct uuid account, struct uuid after, int64_t minutes,
			 int64_t most, struct list *ret)
{
	tx_list(t, &sql_audit_entries, ret, P(account), P(after), P(minutes), P(most));
}

void store_audit_seals_of(struct tx *t, struct uuid account, struct uuid first, struct uuid last,
			  struct list *ret)
{
	tx_list(t, &sql_audit_seals_of, ret, P(account), P(first), P(last));
}

void store_audit_seal_at(struct tx *t, struct uuid account, int64_t seq, struct audit_mac **ret)
{
	tx_maybe(t, &sql_audit_seal_at, ret, P(account), P(seq));
}

/* ---- reading ---- */

#define FILTER(f)                                                                                  \
	P((f)->actor), P((f)->nobody), P((f)->action), P((f)->object), P((f)->object_id),          \
		P((f)->since), P((f)->until)

void store_audit_list(struct tx *t, const struct audit_filter *f, const struct audit_place *p,
		      struct list *ret)
{
	tx_list(t, &sql_audit_list, ret, FILTER(f), P(p->older), P(p->newer), P(p->most),
		P(p->skip));
}

void store_audit_count(struct tx *t, const struct audit_filter *f, int64_t most,
		       struct audit_count **ret)
{
	tx_maybe(t, &sql_audit_count, ret, FILTER(f), P(most));
}

void store_audit_choices(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_audit_choices, ret);
}
