/* Writing an account's archive; see archive.h.  What it holds is told by the table of parts and its
 * statements. */
#include "admin/archive.h"

#include "flows/acts.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/pack/pack.h"

#define MARKDOWN_MAX ((size_t)8 * 1024 * 1024)
#define COUNTS_MAX   ((size_t)4096)

static const char readme[] =
	"All data of an account of ResolutionFlow.\r\n\r\n"
	"manifest.json     each file with its size and SHA-256, and how much there is of "
	"everything\r\n"
	"account.json      settings, limits, business hours, rules for escalations, categories, "
	"patterns\r\n"
	"people.csv        people; teams.csv their teams; invites.csv who was invited\r\n"
	"own.jsonl         what each set for themselves: looks, notices, pins, folders\r\n"
	"notices.csv       what people were told inside the product\r\n"
	"keys.csv          keys of the API, without their secrets\r\n"
	"flows.jsonl       all flows, deleted ones too: their versions, and how often each way was "
	"taken\r\n"
	"flows/            each flow as JSON, which can be imported again, and as Markdown; a "
	"draft\r\n"
	"                  that differs from the published version stands beside it\r\n"
	"flows/versions/   earlier published versions, by the id of their flow\r\n"
	"sessions/         by month: each session as JSON and as notes in Markdown\r\n"
	"handoffs.jsonl    hand-offs, one a line, with who did what and who was told\r\n"
	"exports/          what was exported of sessions, as it was taken; exports.csv lists it\r\n"
	"shares.csv        links to sessions; share_views.csv when they were opened\r\n"
	"webhooks.jsonl    endpoints, without their secrets\r\n"
	"audit.csv         the audit log\r\n\r\n"
	"Times are those of the database. Passwords and other secrets are never in it. All files "
	"tell of\r\n"
	"one moment: what was done while they were written is in none.\r\n";

struct making {
	struct making_settings s;
	struct tx *view; /* of one moment, on a connection of its own */
	struct pack *pack;
	const struct archive_part *part;
	struct piece_place after;
	bool begun;             /* the part's own file */
	int64_t made, sessions; /* pieces of this part; sessions in all */
	struct buf counts;
};

struct str archive_file(struct arena *a, struct uuid account, struct uuid id)
{
	return str_fmt(a, "%s-%s.tar.gz", account.text, id.text);
}

static const struct err *put_file(struct making *m, struct arena *scratch, struct str name,
				  struct str text)
{
	TRY(pack_begin(m->pack, name));
	TRY(pack_put(m->pack, text));
	return pack_end(m->pack, scratch);
}

/* A view that is lost can't be had again: all is begun anew. */
static const struct err *view_error(struct arena *a, const struct err *e)
{
	return e && e->kind == ERR_BUSY
		       ? ERR(a, ERR_RETRY, "the database went away meanwhile: %.*s",
			     STR_ARG(e->message))
		       : e;
}

static const struct err *open_view(struct arena *a, const struct making_settings *s,
				   struct tx **ret)
{
	struct db *db;

	TRY(db_open_beside(a, s->db, &db));
	*ret = tx_new(a, db);
	store_archive_view(*ret, s->account);
	return tx_more(*ret);
}

const struct err *making_new(struct arena *a, const struct making_settings *settings,
			     struct making **ret)
{
	struct making *m = ARENA_NEW(a, struct making);

	*m = (struct making){ .s = *settings, .part = archive_parts };
	m->counts = buf_new(a, COUNTS_MAX);
	TRY(view_error(a, open_view(a, settings, &m->view)));
	TRY(pack_new(a, settings->dir, archive_file(a, settings->account, settings->id).p,
		     &m->pack));
	*ret = m;
	return put_file(m, a, STR("README.txt"), str_of(readme));
}

int64_t making_bytes(const struct making *m)
{
	return pack_bytes(m->pack);
}

/* ---- pieces ---- */

static const struct err *put_flow(struct making *m, struct arena *a, const struct flow_piece *f)
{
	struct flow_doc_row row = { .name = f->name,
				    .description = f->description,
				    .type = f->type,
				    .structure = { f->structure },
				    .intake = { f->intake } };
	struct buf out = buf_new(a, MARKDOWN_MAX);
	struct flow_doc doc;

	TRY(put_file(m, a, str_fmt(a, "%.*s.json", STR_ARG(f->path)), f->body));
	TRY(flow_read_doc(a, &row, &doc));
	flow_put_markdown(a, &out, &doc);
	return put_file(m, a, str_fmt(a, "%.*s.md", STR_ARG(f->path)), buf_str(&out));
}

static const struct err *put_session(struct making *m, struct arena *a,
				     const struct session_piece *s)
{
	m->sessions++;
	TRY(put_file(m, a, str_fmt(a, "%.*s.json", STR_ARG(s->path)), s->body));
	return put_file(m, a, str_fmt(a, "%.*s.md", STR_ARG(s->path)), s->notes);
}

static const struct err *put_piece(struct making *m, struct arena *a, const struct piece_row *p)
{
	if (m->part->file)
		return pack_put(m->pack, p->body);
	return put_file(m, a, p->path, p->body);
}

/* The last key. */
static const struct err *put_pieces(struct making *m, struct arena *a, struct list rows)
{
	for (size_t at = 0; at < rows.n; at++) {
		if (part_is_flows(m->part)) {
			const struct flow_piece *f = (const struct flow_piece *)rows.items + at;

			TRY(put_flow(m, a, f));
			m->after.key = f->key;
		} else if (part_is_sessions(m->part)) {
			const struct session_piece *s =
				(const struct session_piece *)rows.items + at;

			TRY(put_session(m, a, s));
			m->after.key = s->key;
		} else if (part_is_versions(m->part)) {
			const struct version_piece *v =
				(const struct version_piece *)rows.items + at;

			TRY(put_file(m, a, v->path, v->body));
			m->after = (struct piece_place){ v->key, v->n };
		} else {
			const struct piece_row *p = (const struct piece_row *)rows.items + at;

			TRY(put_piece(m, a, p));
			m->after.key = p->key;
		}
	}
	m->made += (int64_t)rows.n;
	return NULL;
}

/* ---- its parts ---- */

static const struct err *begin_part(struct making *m)
{
	if (m->begun || !m->part->file)
		return NULL;
	m->begun = true;
	TRY(pack_begin(m->pack, str_of(m->part->file)));
	return pack_put(m->pack, str_of(m->part->head));
}

static const struct err *end_part(struct making *m, struct arena *a)
{
	if (m->begun)
		TRY(pack_end(m->pack, a));
	buf_printf(&m->counts, "%s\"%s\":%lld", m->counts.n ? "," : "", m->part->label,
		   (long long)m->made);
	m->begun = false;
	m->after = (struct piece_place){ UUID_NONE, 0 };
	m->made = 0;
	m->part++;
	return NULL;
}

/* The lease is renewed with each step, so that one who was thought dead does not go on. */
static const struct err *renew(struct making *m, struct arena *a)
{
	struct archive_told told = { m->s.id, m->s.holder, str_of(m->part->label), m->sessions,
				     pack_bytes(m->pack) };
	struct tx *tx = tx_new(a, m->s.db);
	struct yes_row *mine = NULL;

	store_custody_enter(tx, m->s.account);
	store_archive_tell(tx, &told, &mine);
	TRY(tx_run(tx));
	return mine ? NULL : ERR(a, ERR_GONE, "nobody waits for this archive any more");
}

static const struct err *read_pieces(struct making *m, struct arena *a, struct list *ret)
{
	tx_into(m->view, a);
	store_pieces(m->view, m->part, m->after, ret);
	return view_error(a, tx_more(m->view));
}

const struct err *making_step(struct making *m, struct arena *scratch, bool *more)
{
	struct list rows;

	*more = m->part->label;
	if (!*more)
		return NULL; /* it is whole: what went wrong was to tell so */
	TRY(renew(m, scratch));
	TRY(read_pieces(m, scratch, &rows));
	TRY(begin_part(m));
	TRY(put_pieces(m, scratch, rows));
	if (!rows.n)
		TRY(end_part(m, scratch));
	if (m->part->label)
		return NULL;
	*more = false;
	return pack_finish(m->pack, scratch, buf_str(&m->counts));
}
