/* What the jobs program does to accounts as a whole, a little of each in turn; see admin.h. */
#include "accounts/accounts.h"
#include "admin/admin.h"
#include "admin/archive.h"
#include "admin/letters.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/pack/pack.h"
#include "record/record.h"

#define TURN_MAX       ((size_t)512 * 1024 * 1024)
#define MAKING_MAX     ((size_t)4 * 1024 * 1024)
#define RETAIN_AT_ONCE 200
#define ERASE_AT_ONCE  5000
#define MOST_TRIES     3

struct keeper {
	const struct settings *settings;
	struct db *db;
	void (*tell)(const struct keeper_report *report);
	struct arena *turn, *archive; /* of a turn; of the archive in hand */
	const char *dir;              /* NULL: archives are not written */
	struct str holder;
	struct making *making; /* or NULL */
	struct archive_taken taken;
	struct uuid account; /* whose */
};

const struct err *keeper_new(struct arena *a, const struct settings *settings, struct db *db,
			     void (*tell)(const struct keeper_report *report), struct keeper **ret)
{
	struct keeper *k = ARENA_NEW(a, struct keeper);

	*k = (struct keeper){ .settings = settings,
			      .db = db,
			      .tell = tell,
			      .turn = arena_within(a, TURN_MAX),
			      .archive = arena_within(a, MAKING_MAX),
			      .holder = str_first(crypto_token(a), 16) };
	if (settings->archive_dir.n)
		k->dir = str_cstr(a, settings->archive_dir);
	*ret = k;
	return NULL;
}

static void tell(struct keeper *k, const char *what, struct uuid account, const char *outcome,
		 const char *why)
{
	k->tell(&(struct keeper_report){ what, outcome, account, why });
}

/* ---- one step in one account ---- */

static const struct err *retain(struct keeper *k, struct uuid account, bool *more)
{
	struct tx *tx = tx_new(k->turn, k->db);
	struct yes_row *yes = NULL;

	store_custody_retain(tx, account, RETAIN_AT_ONCE, &yes);
	TRY(tx_run(tx));
	*more = yes && yes->yes;
	return NULL;
}

static const struct err *remind(struct keeper *k, struct uuid account, bool *more)
{
	struct tx *tx = tx_new(k->turn, k->db);
	struct closing_row *row = NULL;
	struct letter letter;
	struct list people;

	store_custody_enter(tx, account);
	store_custody_remind(tx, &row);
	store_keepers(tx, &people);
	TRY(tx_more(tx));
	*more = row;
	if (row) {
		letter = letter_reminder(k->turn, k->settings, row);
		letters_send(k->turn, tx, account, people, &letter);
	}
	return tx_run(tx);
}

/* The last mails are written while there is still an account that sends them. */
static const struct err *begin_erasing(struct keeper *k, struct uuid account, bool *more)
{
	struct tx *tx = tx_new(k->turn, k->db);
	struct closing_row *row = NULL;
	struct yes_row *began = NULL;
	struct letter letter;
	struct list people;

	store_custody_erase_begin(tx, account, &began);
	store_closing(tx, &row);
	store_keepers(tx, &people);
	TRY(tx_more(tx));
	*more = began && began->yes && row;
	if (*more) {
		letter = letter_gone(k->turn, row->name);
		letters_send(k->turn, tx, account, people, &letter);
		event_bell(tx, account);
		tell(k, "erase", account, "began", "");
	}
	return tx_run(tx);
}

static const struct err *erase(struct keeper *k, struct uuid account, bool *more)
{
	struct tx *tx = tx_new(k->turn, k->db);
	struct yes_row *yes = NULL;

	if (k->dir)
		pack_remove(k->dir, account.text);
	store_custody_erase(tx, account, ERASE_AT_ONCE, &yes);
	TRY(tx_run(tx));
	*more = yes && yes->yes;
	return NULL;
}

static const struct err *expire(struct keeper *k, struct uuid account, bool *more)
{
	struct tx *tx = tx_new(k->turn, k->db);
	const struct archive_gone *gone;
	struct list rows;

	store_custody_enter(tx, account);
	store_archive_expire(tx, &rows);
	TRY(tx_run(tx));
	gone = rows.items;
	for (size_t at = 0; k->dir && at < rows.n; at++)
		pack_remove(k->dir, archive_file(k->turn, account, gone[at].id).p);
	*more = rows.n;
	return NULL;
}

/* ---- the archive in hand ---- */

static void let_go(struct keeper *k)
{
	k->making = NULL;
	arena_reset(k->archive);
}

/* Tells whoever asked for it, and looks after the account with them. */
static const struct err *end_archive(struct keeper *k, const char *state, int64_t bytes,
				     struct str why)
{
	struct archive_told told = { k->taken.id, k->holder, str_of(state), 0, bytes };
	struct tx *tx = tx_new(k->turn, k->db);
	struct closing_row *row = NULL;
	struct yes_row *mine = NULL;
	struct letter letter;
	struct list people;

	store_custody_enter(tx, k->account);
	store_archive_end(tx, &told, why, &mine);
	store_closing(tx, &row);
	store_keepers(tx, &people);
	TRY(tx_more(tx));
	if (mine && row) {
		audit_by_clock(tx, why.n ? "archive.failed" : "archive.made", "archive",
			       k->taken.id, audit_nothing);
		letter = letter_archive(k->turn, k->settings, row->name, why);
		letters_send(k->turn, tx, k->account, people, &letter);
	}
	TRY(tx_run(tx));
	tell(k, "archive", k->account, state, why.n ? why.p : "");
	return NULL;
}

static const struct err *release(struct keeper *k)
{
	struct tx *tx = tx_new(k->turn, k->db);

	store_custody_enter(tx, k->account);
	store_archive_release(tx, k->taken.id, k->holder);
	return tx_run(tx);
}

/* What the database refuses for a while is tried again; what the disk refuses is told. */
static const struct err *fail(struct keeper *k, const struct err *e)
{
	struct str why =
		str_dup(k->turn, str_first(e->message, 500)); /* it may go with the archive */
	enum err_kind kind = e->kind;

	if (kind == ERR_BUSY)
		return e; /* the same step once more, when it is back */
	let_go(k);
	if (kind == ERR_GONE)
		return NULL;
	if (kind == ERR_RETRY && k->taken.attempts < MOST_TRIES)
		return release(k);
	return end_archive(k, "failed", 0, why);
}

static const struct err *go_on(struct keeper *k)
{
	bool more = true;
	const struct err *e = making_step(k->making, k->turn, &more);

	if (e)
		return fail(k, e);
	if (!more) {
		TRY(end_archive(k, "done", making_bytes(k->making), STR("")));
		let_go(k);
	}
	return NULL;
}

static const struct err *take(struct keeper *k, struct uuid account, bool *more)
{
	struct tx *tx = tx_new(k->turn, k->db);
	struct archive_taken *taken = NULL;
	const struct err *e;

	store_custody_enter(tx, account);
	store_archive_take(tx, k->holder, &taken);
	TRY(tx_run(tx));
	if (!taken)
		return NULL;
	*more = true;
	k->taken = *taken;
	k->account = account;
	if (!k->dir)
		return end_archive(k, "failed", 0,
				   STR("archives are switched off here (ARCHIVE_DIR)"));
	if (taken->attempts > MOST_TRIES)
		return end_archive(k, "failed", 0, STR("no try came to an end"));
	e = making_new(k->archive,
		       &(struct making_settings){ k->db, k->dir, account, taken->id, k->holder },
		       &k->making);
	return e ? fail(k, e) : NULL;
}

/* ---- turns ---- */

static const struct duty {
	const char *what;
	const struct err *(*run)(struct keeper *k, struct uuid account, bool *more);
} duties[] = {
	{ "end", begin_erasing }, { "erase", erase },   { "remind", remind },
	{ "retain", retain },     { "expire", expire },
};

static const struct err *find(struct keeper *k, const char *what, struct custody_due **ret)
{
	struct tx *tx;

	arena_reset(k->turn);
	tx = tx_new(k->turn, k->db);
	*ret = NULL;
	store_custody_due(tx, what, ret);
	return tx_run(tx);
}

/* What goes wrong in one account keeps nobody else waiting: it is told, and tried again with the
 * next look. */
static const struct err *do_duty(struct keeper *k, const struct duty *duty, bool *more)
{
	struct custody_due *due;
	const struct err *e;

	TRY(find(k, duty->what, &due));
	if (!due)
		return NULL;
	e = duty->run(k, due->account_id, more);
	if (!e || e->kind == ERR_BUSY)
		return e;
	tell(k, duty->what, due->account_id, "failed", str_cstr(k->turn, e->message));
	return NULL;
}

const struct err *keeper_work(struct keeper *k, bool *more)
{
	static const struct duty archive = { "archive", take };
	bool any = k->making;

	for (size_t at = 0; at < sizeof duties / sizeof *duties; at++) {
		bool did = false;

		TRY(do_duty(k, &duties[at], &did));
		any |= did;
	}
	if (!k->making)
		TRY(do_duty(k, &archive, &any));
	arena_reset(k->turn);
	if (k->making)
		TRY(go_on(k));
	*more = any;
	return NULL;
}

void keeper_finish(struct keeper *k)
{
	const struct err *e;

	if (!k->making)
		return;
	let_go(k);
	arena_reset(k->turn);
	e = release(k);
	if (e)
		tell(k, "archive", k->account, "left", str_cstr(k->turn, e->message));
}
