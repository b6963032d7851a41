/* All data of an account in one file: asking for it, watching it grow, downloading it.  The page
 * and the API; how it is written: making.c. */
#include "admin/archive.h"

#include "accounts/accounts.h"
#include "admin/admin.h"
#include "admin/pages.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE "/account/archive"
#define API  "/api/v1/account/archives"

/* ---- acts ---- */

static const struct err *ask(struct req *r, struct archive_row **ret)
{
	struct uuid id = crypto_uuid7();
	const struct err *e;

	if (!r->settings->archive_dir.n)
		return ERR_CODE(r->arena, ERR_CONFLICT, "no_archives",
				"Archives are switched off on this platform. Ask whoever runs it.");
	store_archive_ask(r->tx, id);
	store_archive(r->tx, id, ret);
	audit(r, "archive.asked", "archive", id, audit_nothing, audit_nothing);
	tx_bell(r->tx, STR("bell_keeper"), STR(""));
	e = tx_run(r->tx);
	if (e && e->kind == ERR_CONFLICT)
		return ERR_CODE(r->arena, ERR_CONFLICT, "archive_running",
				"An archive is being written already. Wait until it is done.");
	return e;
}

static const struct err *read_one(struct req *r, struct archive_row **ret)
{
	store_archive(r->tx, r->id[0], ret);
	return tx_more(r->tx);
}

static bool is_there(const struct archive_row *row)
{
	return row->state == ARCHIVE_DONE && row->until.us > clock_now().us;
}

/* nginx sends the file, from a place that has no address of its own. */
static const struct err *download(struct req *r)
{
	struct archive_row *row;
	struct str name;

	TRY(read_one(r, &row));
	if (!is_there(row))
		return ERR(r->arena, ERR_GONE,
			   "This archive is not there any more. Ask for a new one.");
	audit(r, "archive.downloaded", "archive", row->id, audit_nothing, audit_nothing);
	TRY(tx_run(r->tx));
	name = str_fmt(r->arena, "%.*s %.*s", STR_ARG(r->who->row->account_name),
		       STR_ARG(clock_day(r->arena, row->asked_at)));
	TRY(reply_text(r, STR("application/gzip"), STR("")));
	reply_attachment(r, name, "tar.gz");
	reply_header(r, "X-Accel-Redirect",
		     str_fmt(r->arena, "/_archive/%.*s",
			     STR_ARG(archive_file(r->arena, r->who->account, row->id))));
	return NULL;
}

static void archive_find(struct req *r)
{
	struct archive_row **row = ARENA_NEW(r->arena, struct archive_row *);

	store_archive(r->tx, r->id[0], row);
}

/* ---- the page ---- */

static const struct names state_words = NAMES("Waits", "Begun", "Ready", "Failed", "Deleted");

struct archive_line {
	struct uuid id;
	struct str state, person, asked, until, size, progress, why;
	bool ready, running, failed;
};
#define L struct archive_line
static const struct shape archive_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, state), F_STR(L, person), F_STR(L, asked), F_STR(L, until),
	      F_STR(L, size), F_STR(L, progress), F_STR(L, why), F_BOOL(L, ready),
	      F_BOOL(L, running), F_BOOL(L, failed));
#undef L

struct archives_page {
	struct list archives;
	bool any, busy, off;
};
#define V struct archives_page
static const struct shape archives_page_shape =
	SHAPE(V, F_LIST(V, archives, &archive_line_shape), F_BOOL(V, any), F_BOOL(V, busy),
	      F_BOOL(V, off));
#undef V
const struct view archives_view = { "admin/archive", &archives_page_shape };

static struct archive_line line_of(struct arena *a, const struct archive_row *row)
{
	bool running = row->state == ARCHIVE_RUNNING, ready = is_there(row);

	return (struct archive_line){
		.id = row->id,
		.state = names_text(&state_words, row->state),
		.person = row->person,
		.asked = clock_ago(a, row->asked_at),
		.until = ready ? clock_words(a, row->until) : STR_NONE,
		.size = row->bytes ? str_size(a, row->bytes) : STR_NONE,
		.progress = running ? str_fmt(a, "%.*s; %lld of %lld sessions", STR_ARG(row->part),
					      (long long)row->made, (long long)row->total)
				    : STR_NONE,
		.why = row->why,
		.ready = ready,
		.running = running || row->state == ARCHIVE_QUEUED,
		.failed = row->state == ARCHIVE_FAILED,
	};
}

static const struct err *show(struct req *r)
{
	struct archives_page page = { .off = !r->settings->archive_dir.n };
	struct archive_line *lines;
	struct list rows;

	store_archives(r->tx, &rows);
	TRY(tx_run(r->tx));
	lines = ARENA_ARRAY(r->arena, struct archive_line, rows.n + 1);
	for (size_t at = 0; at < rows.n; at++) {
		lines[at] = line_of(r->arena, &((const struct archive_row *)rows.items)[at]);
		page.busy |= lines[at].running;
	}
	page.archives = LIST_OF(lines, rows.n);
	page.any = rows.n;
	return reply_page(r, &archives_view, &page);
}

static const struct err *ask_by_page(struct req *r)
{
	struct archive_row *row;

	TRY(ask(r, &row));
	people_flash(r, "The archive is asked for.");
	return reply_see_other(r, STR(PAGE));
}

/* ---- API ---- */

#define R struct archive_row
static const struct shape archive_json = SHAPE_WITH(
	R, (.label = "Archive"), F_UUID(R, id), F_ENUM(R, state, &archive_states), F_STR(R, person),
	F_TIME(R, asked_at), F_TIME(R, ended_at, .null = true), F_STR(R, part), F_INT(R, total),
	F_INT(R, made), F_INT(R, bytes), F_STR(R, why), F_TIME(R, until, .null = true));
#undef R
struct archives_json {
	struct list items;
};
static const struct shape archives_json =
	SHAPE(struct archives_json, F_LIST(struct archives_json, items, &archive_json));

static const struct err *list_api(struct req *r)
{
	struct archives_json answer;

	store_archives(r->tx, &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &archives_json, &answer);
}

static const struct err *get_api(struct req *r)
{
	struct archive_row *row;

	TRY(read_one(r, &row));
	TRY(tx_run(r->tx));
	return reply_json(r, &archive_json, row);
}

static const struct err *ask_api(struct req *r)
{
	struct archive_row *row;

	TRY(ask(r, &row));
	return reply_json(r, &archive_json, row);
}

const struct route archive_routes[] = {
	{ GET, PAGE, .need = PERM_ADMIN, .run = show },
	{ POST, PAGE, .need = PERM_ADMIN, .run = ask_by_page },
	{ GET, PAGE "/:archive", .need = PERM_ADMIN, .find = archive_find, .run = download },
	{ GET, API, .need = PERM_ADMIN, .run = list_api, .output = &archives_json,
	  .about = "The archives that were asked for lately" },
	{ POST, API, .need = PERM_ADMIN, .run = ask_api, .output = &archive_json, .status = 202,
	  .about = "Ask for an archive of all data of the account; one at a time" },
	{ GET, API "/:archive", .need = PERM_ADMIN, .find = archive_find, .run = get_api,
	  .output = &archive_json, .about = "How far it is" },
	{ GET, API "/:archive/file", .need = PERM_ADMIN, .find = archive_find, .run = download,
	  .about = "The file (tar, gzip), for 7 days" },
	{ 0 },
};
