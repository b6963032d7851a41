/* Which features an account has; see flags.h. */
#include "flags/flags.h"

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/db/db.h"

#define R struct flag_row
static const struct shape flag_shape = SHAPE(R, F_STR(R, name), F_UUID(R, account, .null = true),
					     F_BOOL(R, enabled), F_INT(R, percent));
#undef R
#define A struct flag_account_row
static const struct shape flag_account_shape =
	SHAPE(A, F_STR(A, flag), F_UUID(A, account), F_STR(A, name), F_BOOL(A, enabled));
#undef A
static const struct shape named_shape = SHAPE(struct named_row, F_UUID(struct named_row, account));

#include "fcgi/flags/store.sql.h"

const struct flag_kind flag_kinds[FLAG__MAX] = {
	[FLAG_WEBHOOKS] = { "webhooks", true,
			    "Endpoints of an account that are called when something happens" },
	[FLAG_INSIGHT] = { "insight", true, "The numbers of hand-offs: page, file and API" },
	[FLAG_PUBLIC_LINKS] = { "public_links", true,
				"Links to a session's documentation that anyone can open" },
	[FLAG_FAST_LANE] = { "fast_lane", true, "The page of the way that most runs took" },
};

enum flag flag_named(struct str name)
{
	for (enum flag f = FLAG_NONE + 1; f < FLAG__MAX; f++)
		if (str_eq(name, str_of(flag_kinds[f].name)))
			return f;
	return FLAG_NONE;
}

/* ---- judging ---- */

int flag_place(enum flag flag, struct uuid account)
{
	struct str name = str_of(flag_kinds[flag].name);
	uint8_t mac[CRYPTO_HMAC];

	crypto_hmac_sha256((const uint8_t *)name.p, name.n, uuid_str(&account), mac);
	return (int)(((uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 | (uint32_t)mac[2] << 8 |
		      mac[3]) %
		     100);
}

bool flags_judge(struct list rows, enum flag flag, struct uuid account)
{
	const struct flag_row *row = rows.items, *all = NULL;

	for (size_t at = 0; at < rows.n; at++) {
		if (!str_eq(row[at].name, str_of(flag_kinds[flag].name)))
			continue;
		if (uuid_is_none(row[at].account))
			all = &row[at];
		else if (uuid_eq(row[at].account, account))
			return row[at].enabled;
	}
	if (!all)
		return flag_kinds[flag].on;
	return all->enabled && (all->percent == 100 || flag_place(flag, account) < all->percent);
}

/* ---- a worker's copy ---- */

#define COPY_MAX ((size_t)16 * 1024 * 1024)

struct flags {
	struct db *db;
	struct arena *copy; /* of what was read; NULL: nothing yet */
	struct list rows;
	int generation;
};

static void free_copy(void *flags)
{
	struct flags *f = flags;

	if (f->copy)
		arena_free(f->copy);
}

struct flags *flags_new(struct arena *a, struct db *db)
{
	struct flags *f = ARENA_NEW(a, struct flags);

	*f = (struct flags){ .db = db };
	arena_defer(a, free_copy, f);
	return f;
}

static bool is_stale(const struct flags *f, struct arena *scratch)
{
	struct str channel, payload;
	bool heard = false;

	while (db_notification(scratch, f->db, &channel, &payload))
		heard = true;
	return heard || !f->copy || db_fd(f->db) < 0 || f->generation != db_generation(f->db);
}

void flags_refresh(struct flags *f, struct arena *scratch)
{
	struct arena *copy;
	struct list rows;
	struct tx *tx;

	if (!is_stale(f, scratch))
		return;
	copy = arena_new(COPY_MAX);
	tx = tx_new(copy, f->db);
	flags_read(tx, &rows);
	if (tx_run(tx)) {
		arena_free(copy);
		f->generation = -1; /* what was heard is not forgotten */
		return;
	}
	free_copy(f);
	*f = (struct flags){ f->db, copy, rows, db_generation(f->db) };
}

bool flags_on(const struct flags *f, enum flag flag, struct uuid account)
{
	return flags_judge(f->rows, flag, account);
}

struct list flags_names(struct arena *a, const struct flags *f, struct uuid account)
{
	struct str *names = ARENA_ARRAY(a, struct str, FLAG__MAX);
	size_t n = 0;

	for (enum flag at = FLAG_NONE + 1; at < FLAG__MAX; at++)
		if (flags_on(f, at, account))
			names[n++] = str_of(flag_kinds[at].name);
	return LIST_OF(names, n);
}

/* ---- statements ---- */

void flags_read(struct tx *tx, struct list *ret)
{
	tx_list(tx, &sql_flags, ret);
}

void flags_set(struct tx *tx, enum flag flag, bool enabled, int64_t percent)
{
	tx_exec(tx, &sql_flag_set, P(str_of(flag_kinds[flag].name)), P(enabled), P(percent));
}

void flags_set_account(struct tx *tx, struct uuid account, enum flag flag, const bool *enabled)
{
	struct str set = !enabled ? STR("") : *enabled ? STR("true") : STR("false");

	tx_exec(tx, &sql_account_flag_set, P(account), P(str_of(flag_kinds[flag].name)), P(set));
}

void flags_accounts(struct tx *tx, enum flag flag, struct list *ret)
{
	tx_list(tx, &sql_flag_accounts, ret,
		P(flag == FLAG_NONE ? STR("") : str_of(flag_kinds[flag].name)));
}

void flags_account_named(struct tx *tx, struct str typed, struct named_row **ret)
{
	tx_maybe(tx, &sql_account_named, ret, P(typed));
}
