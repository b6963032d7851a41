/* The check of the log: every seal in its order, every entry beside its seal; see audit.h. */
#include <string.h>

#include "audit/audit.h"
#include "audit/store.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define SEALS      2000 /* read at once */
#define ENTRIES    5000
#define NEAR       500 /* how far from its place a seal is looked for */
#define PIECE_MAX  ((size_t)256 << 20)
#define GUESS_MAX  ((size_t)16 << 20)
#define UNSEALED   10                   /* minutes after which an entry should have a seal */
#define LATE       (900 * CLOCK_SECOND) /* longer than any transaction */
#define HEADS_MAX  ((size_t)64 << 20)
#define MAC_LENGTH 64

struct checker {
	const struct audit_check *check;
	struct audit_verdict *verdict;
	struct db *db;
	struct arena *a;     /* of one piece */
	struct arena *guess; /* of one number that a seal may have had: they are many */
	struct uuid account;
	int64_t seq; /* the last seal that was read */
	char mac[MAC_LENGTH];
	size_t nmac;
	bool broken;  /* what stands in mac is not to be relied on */
	bool strange; /* a key is not known, which was said */
	struct instant retired_before;
};

static void tell(struct checker *c, const struct audit_finding *finding)
{
	struct audit_finding whole = *finding;

	whole.account = c->account;
	c->verdict->findings++;
	c->check->tell(c->check->ctx, &whole);
}

static void tell_of_chain(struct checker *c, int64_t seq, struct str what)
{
	tell(c, &(struct audit_finding){ .seq = seq, .what = what });
}

static void tell_of_seal(struct checker *c, const struct audit_sealed *row, const char *what)
{
	tell(c, &(struct audit_finding){ .seq = row->seal.seq,
					 .id = row->seal.entry,
					 .action = row->entry.action,
					 .what = str_of(what) });
}

static void remember(struct checker *c, int64_t seq, struct str mac)
{
	struct str kept = str_first(mac, sizeof(c->mac));

	memcpy(c->mac, kept.p, kept.n);
	c->nmac = kept.n;
	c->seq = seq;
}

static struct tx *begin(struct checker *c)
{
	arena_reset(c->a);
	return tx_new(c->a, c->db);
}

/* "seals 4 to 6 are missing" */
static struct str missing(struct arena *a, int64_t first, int64_t last, const char *where)
{
	if (first == last)
		return str_fmt(a, "seal %lld is missing%s", (long long)first, where);
	return str_fmt(a, "seals %lld to %lld are missing%s", (long long)first, (long long)last,
		       where);
}

/* ---- one seal ---- */

/* The number under which it was sealed, near the one that it has; 0: none fits. */
static int64_t place_of(struct checker *c, const uint8_t *key, struct audit_seal seal)
{
	int64_t here = seal.seq;

	for (int64_t away = 1; away <= NEAR; away++)
		for (int side = -1; side <= 1; side += 2) {
			seal.seq = here + side * away;
			arena_reset(c->guess);
			if (seal.seq > 0 && str_eq(audit_seal_mac(c->guess, key, &seal), seal.mac))
				return seal.seq;
		}
	return 0;
}

static void tell_seal_wrong(struct checker *c, const struct audit_sealed *row, const uint8_t *key)
{
	int64_t place = place_of(c, key, row->seal);

	c->broken = true;
	if (place)
		tell_of_seal(
			c, row,
			str_fmt(c->a, "reordered: it was sealed as number %lld", (long long)place)
				.p);
	else
		tell_of_seal(c, row, "its seal was forged or changed");
}

static const struct err *tell_entry_gone(struct checker *c, const struct audit_sealed *row)
{
	struct audit_entry_at *moved = NULL;
	struct tx *tx = tx_new(c->a, c->db);

	if (row->seal.entry_at.us < c->retired_before.us)
		return NULL;
	store_audit_moved(tx, c->account, row->seal.entry, &moved);
	TRY(tx_run(tx));
	tell(c,
	     &(struct audit_finding){ .seq = row->seal.seq,
				      .id = row->seal.entry,
				      .action = moved ? moved->action : STR_NONE,
				      .what = moved ? STR("changed after it was sealed: its time")
						    : STR("missing: only its seal is left") });
	return NULL;
}

/* The entry beside a seal that holds. */
static const struct err *check_entry(struct checker *c, const struct audit_sealed *row,
				     const uint8_t *key)
{
	const struct audit_seal *seal = &row->seal;

	/* Where it was gone before it could be sealed, its seal says so. */
	if (!row->entry.there)
		return tell_entry_gone(c, row);
	if (!str_eq(audit_entry_mac(c->a, key, &row->entry), seal->entry_mac))
		tell_of_seal(c, row, "changed after it was sealed");
	else if (seal->since.us && seal->entry_at.us < seal->since.us - LATE)
		tell_of_seal(c, row, "back-dated: it was not there at its time");
	return NULL;
}

static void check_link(struct checker *c, const struct audit_seal *seal)
{
	bool gap = seal->seq != c->seq + 1;

	if (gap)
		tell_of_chain(c, seal->seq, missing(c->a, c->seq + 1, seal->seq - 1, ""));
	else if (!c->broken && !str_eq(seal->previous, (struct str){ c->mac, c->nmac }))
		tell_of_chain(c, seal->seq, STR("the chain is broken before this seal"));
}

static const struct err *check_seal(struct checker *c, const struct audit_sealed *row)
{
	const uint8_t *key = audit_key(c->a, c->check->settings, row->seal.key);
	bool holds = key && str_eq(audit_seal_mac(c->a, key, &row->seal), row->seal.mac);

	c->verdict->seals++;
	if (key && !holds) {
		check_link(c, &(struct audit_seal){ .seq = row->seal.seq,
						    .previous = { c->mac, c->nmac } });
		tell_seal_wrong(c, row, key);
	} else {
		check_link(c, &row->seal);
		c->broken = false;
	}
	if (!key && !c->strange)
		tell_of_seal(c, row,
			     "sealed under a secret that is not set: give that one as "
			     "MASTER_SECRET_PREVIOUS to check it");
	c->strange |= !key;
	remember(c, row->seal.seq, row->seal.mac);
	return holds ? check_entry(c, row, key) : NULL;
}

static const struct err *check_seals(struct checker *c, int64_t upto)
{
	const struct audit_sealed *rows;
	struct list list;
	struct tx *tx;

	do {
		tx = begin(c);
		store_audit_seals(tx, c->account, c->seq, upto, SEALS, &list);
		TRY(tx_run(tx));
		rows = list.items;
		for (size_t at = 0; at < list.n; at++)
			TRY(check_seal(c, &rows[at]));
	} while (list.n == SEALS);
	return NULL;
}

/* ---- the end ---- */

static void check_head(struct checker *c, const struct audit_head_now *now)
{
	const struct audit_head *head = &now->head;
	const uint8_t *key = head->sign.p ? audit_key(c->a, c->check->settings, head->key) : NULL;

	if (!head->sign.p && now->last)
		tell_of_chain(c, 0, STR("the signed end of the chain is missing"));
	else if (key && !str_eq(audit_head_sign(c->a, key, head), head->sign))
		tell_of_chain(c, head->seq,
			      STR("the signed end of the chain was forged or changed"));
	if (head->sign.p && now->last > head->seq)
		tell_of_chain(c, now->last,
			      str_fmt(c->a, "seals from %lld on stand behind the signed end",
				      (long long)head->seq + 1));
}

static void check_end(struct checker *c, int64_t seq, struct str mac)
{
	if (c->seq < seq)
		tell_of_chain(c, seq,
			      missing(c->a, c->seq + 1, seq, ": the end of the log was cut off"));
	else if (seq && !c->broken && !str_eq(mac, (struct str){ c->mac, c->nmac }))
		tell_of_chain(c, seq, STR("the last seal is not the one that was signed"));
}

/* ---- entries without a seal ---- */

static void check_sealed(struct checker *c, struct list entries, struct list sealed)
{
	const struct audit_entry_at *entry = entries.items;
	const struct audit_entry_id *seal = sealed.items;
	size_t next = 0;

	for (size_t at = 0; at < entries.n; at++) {
		while (next < sealed.n && strcmp(seal[next].id.text, entry[at].id.text) < 0)
			next++;
		if (next < sealed.n && uuid_eq(seal[next].id, entry[at].id))
			continue;
		if (entry[at].at.us >= c->retired_before.us)
			tell(c, &(struct audit_finding){ .id = entry[at].id,
							 .action = entry[at].action,
							 .what = STR("never sealed") });
	}
}

static const struct err *check_entries(struct checker *c)
{
	struct list entries, sealed;
	struct uuid after = UUID_NONE;
	const struct audit_entry_at *row;
	struct tx *tx;

	do {
		tx = begin(c);
		store_audit_entries(tx, c->account, after, UNSEALED, ENTRIES, &entries);
		TRY(tx_more(tx));
		row = entries.items;
		if (entries.n) {
			after = row[entries.n - 1].id;
			store_audit_seals_of(tx, c->account, row[0].id, after, &sealed);
		}
		TRY(tx_run(tx));
		if (entries.n)
			check_sealed(c, entries, sealed);
	} while (entries.n == ENTRIES);
	return NULL;
}

/* ---- what was noted elsewhere ---- */

static const struct err *check_noted(struct checker *c, int64_t seq, struct str mac)
{
	struct tx *tx = begin(c);
	struct audit_head_now *now;
	struct audit_mac *found;

	store_audit_head_of(tx, c->account, &now);
	store_audit_seal_at(tx, c->account, seq, &found);
	TRY(tx_run(tx));
	if (seq <= now->head.retired_seq)
		return NULL;
	if (!found)
		tell_of_chain(c, seq,
			      STR("the seal that was noted is missing: the end of the log "
				  "was cut off"));
	else if (!str_eq(found->mac, mac))
		tell_of_chain(c, seq,
			      STR("the seal is not the one that was noted: the log was "
				  "written anew"));
	return NULL;
}

static const struct err *check_notes(struct checker *c)
{
	for (struct str rest = c->check->heads; rest.p;) {
		struct str line = str_trim(str_cut(&rest, '\n'));
		struct str account = str_cut(&line, ' '), seq = str_cut(&line, ' ');
		int64_t number;

		if (!account.n)
			continue;
		if (!uuid_parse(account, &c->account) || !str_to_int(seq, &number) || !line.n)
			return ERR(c->a, ERR_INVALID,
				   "a line of the heads is no \"account seq mac\"");
		if (uuid_is_none(c->check->account) || uuid_eq(c->account, c->check->account))
			TRY(check_noted(c, number, line));
	}
	return NULL;
}

/* ---- all of it ---- */

static const struct err *check_account(struct checker *c)
{
	struct audit_head_now *now;
	struct tx *tx = begin(c);
	char mac[MAC_LENGTH];
	int64_t upto, seq;
	struct str signed_mac;

	store_audit_head_of(tx, c->account, &now);
	TRY(tx_run(tx));
	check_head(c, now);
	c->broken = c->strange = false;
	c->retired_before = now->head.retired_before;
	remember(c, now->head.retired_seq, now->head.retired_mac);
	seq = now->head.seq;
	upto = now->head.sign.p ? seq : now->last;
	signed_mac = str_first(now->head.mac, sizeof(mac));
	memcpy(mac, signed_mac.p, signed_mac.n);
	signed_mac.p = mac;
	TRY(check_seals(c, upto));
	if (seq)
		check_end(c, seq, signed_mac);
	return check_entries(c);
}

static const struct err *check_accounts(struct arena *a, struct checker *c)
{
	struct tx *tx = tx_new(a, c->db);
	const struct audit_account *rows;
	struct list list;

	store_audit_accounts(tx, &list);
	TRY(tx_run(tx));
	rows = list.items;
	for (size_t at = 0; at < list.n; at++) {
		c->account = rows[at].account;
		if (!uuid_is_none(c->check->account) && !uuid_eq(c->account, c->check->account))
			continue;
		c->verdict->accounts++;
		TRY(check_account(c));
	}
	return check_notes(c);
}

const struct err *audit_verify(struct arena *a, struct db *db, const struct audit_check *check,
			       struct audit_verdict *ret)
{
	struct audit_verdict verdict = { 0 };
	struct checker c = { .check = check, .verdict = &verdict, .db = db };
	const struct err *e;

	c.a = arena_new(PIECE_MAX);
	c.guess = arena_new(GUESS_MAX);
	e = check_accounts(a, &c);
	if (e)
		e = ERR(a, e->kind, "%.*s", STR_ARG(e->message)); /* beyond the piece's arena */
	arena_free(c.guess);
	arena_free(c.a);
	if (!e)
		*ret = verdict;
	return e;
}

const struct err *audit_heads(struct arena *a, struct db *db, struct str *ret)
{
	struct buf out = buf_new(a, HEADS_MAX);
	struct tx *tx = tx_new(a, db);
	const struct audit_head *head;
	struct list list;

	store_audit_heads(tx, &list);
	TRY(tx_run(tx));
	head = list.items;
	for (size_t at = 0; at < list.n; at++)
		buf_printf(&out, "%s %lld %.*s\n", head[at].account.text, (long long)head[at].seq,
			   STR_ARG(head[at].mac));
	*ret = buf_str(&out);
	return NULL;
}
