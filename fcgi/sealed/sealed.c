/* Going through what is sealed, and sealing it anew; see sealed.h. */
#include "sealed/sealed.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "sealed/store.h"

#define PIECE     200
#define PIECE_MAX ((size_t)64 << 20) /* a password is at most 24,000 characters */
#define WORDS_MAX 2000

struct looking {
	struct arena *piece;
	struct db *db;
	const struct settings *settings;
	bool renew;
};

/* Those that the previous key opens, beside what replaces them. */
struct stale {
	struct sealed_row *rows;
	struct str *fresh;
	size_t n;
};

static void judge(const struct looking *l, const struct sealed_row *row, struct stale *stale,
		  struct sealed_count *count)
{
	struct str fresh;

	switch (settings_reseal(l->piece, l->settings, row->sealed, &fresh)) {
	case SEALED_BY_CURRENT:
		count->current++;
		return;
	case SEALED_BY_PREVIOUS:
		stale->rows[stale->n] = *row;
		stale->fresh[stale->n++] = fresh;
		return;
	case SEALED_BY_NONE:
		count->closed++;
		return;
	}
}

static const struct err *take(const struct looking *l, const struct sealed_kind *kind,
			      struct list rows, struct sealed_count *count)
{
	struct stale stale = { ARENA_ARRAY(l->piece, struct sealed_row, rows.n),
			       ARENA_ARRAY(l->piece, struct str, rows.n), 0 };
	struct renewed *renewed;
	struct tx *tx;

	for (size_t at = 0; at < rows.n; at++)
		judge(l, &((const struct sealed_row *)rows.items)[at], &stale, count);
	if (!l->renew)
		count->previous += (int64_t)stale.n;
	if (!l->renew || !stale.n)
		return NULL;
	tx = tx_new(l->piece, l->db);
	store_sealed_renew(tx, l->piece, kind, LIST_OF(stale.rows, stale.n),
			   LIST_OF(stale.fresh, stale.n), &renewed);
	TRY(tx_run(tx));
	count->previous += renewed->n;
	return NULL;
}

/* The last row of a piece stays, for the next begins behind it. */
static const struct err *look_kind(struct arena *a, const struct looking *l,
				   const struct sealed_kind *kind, struct sealed_count *count)
{
	struct sealed_row last, *after = NULL;
	struct list rows;

	do {
		struct tx *tx;

		arena_reset(l->piece);
		tx = tx_new(l->piece, l->db);
		store_sealed(tx, kind, after, PIECE, &rows);
		TRY(tx_run(tx));
		TRY(take(l, kind, rows, count));
		if (!rows.n)
			break;
		last = ((const struct sealed_row *)rows.items)[rows.n - 1];
		last.part = str_dup(a, last.part);
		after = &last;
	} while (rows.n == PIECE);
	return NULL;
}

const struct err *sealed_look(struct arena *a, struct db *db, const struct settings *settings,
			      bool renew, struct list *ret)
{
	struct looking l = { arena_within(a, PIECE_MAX), db, settings, renew };
	struct sealed_count *counts;
	size_t n = 0;

	while (sealed_kinds[n].what)
		n++;
	counts = ARENA_ARRAY(a, struct sealed_count, n);
	for (size_t at = 0; at < n; at++) {
		counts[at] = (struct sealed_count){ .what = str_of(sealed_kinds[at].what) };
		TRY(look_kind(a, &l, &sealed_kinds[at], &counts[at]));
	}
	*ret = LIST_OF(counts, n);
	return NULL;
}

static struct str in_words(struct arena *a, struct list counts, size_t field)
{
	struct buf out = buf_new(a, WORDS_MAX);

	for (size_t at = 0; at < counts.n; at++) {
		const struct sealed_count *count = &((const struct sealed_count *)counts.items)[at];
		int64_t n = *(const int64_t *)(const void *)((const char *)count + field);

		if (n)
			buf_printf(&out, "%s%.*s: %lld", out.n ? ", " : "", STR_ARG(count->what),
				   (long long)n);
	}
	return out.n ? buf_str(&out) : STR_NONE;
}

struct str sealed_closed(struct arena *a, struct list counts)
{
	return in_words(a, counts, offsetof(struct sealed_count, closed));
}

struct str sealed_previous(struct arena *a, struct list counts)
{
	return in_words(a, counts, offsetof(struct sealed_count, previous));
}
