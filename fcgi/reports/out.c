/* Exports: the page that shows what would leave, what left, and the API. */
#include "reports/out.h"
#include "reports/pages.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "record/record.h"

const struct err *out_check(struct req *r, const struct session *s)
{
	if (s->row->takes_out)
		return NULL;
	return ERR(r->arena, ERR_FORBIDDEN,
		   "Only who ran or prepared a session, and team admins, may export or share it.");
}

const struct err *out_read(struct req *r, struct uuid session, struct taken_out *ret)
{
	store_account_name(r->tx, &ret->account);
	cleaning_read(r, &ret->cleaning);
	handoff_story(r->tx, session, &ret->story);
	return session_read(r, session, &ret->session);
}

const struct err *out_open(struct req *r, struct taken_out *ret)
{
	store_account_name(r->tx, &ret->account);
	cleaning_read(r, &ret->cleaning);
	handoff_story(r->tx, r->id[0], &ret->story);
	TRY(session_open(r, r->id[0], &ret->session));
	return out_check(r, &ret->session);
}

const struct err *out_report(struct req *r, const struct taken_out *out,
			     const struct out_wish *wish, struct cleaning *cleaning,
			     struct report *ret)
{
	struct report whole;

	TRY(report_of_session(r, &out->session,
			      &(struct report_wish){ wish->unfilled, wish->scratchpad,
						     out->account->name, out->story },
			      &whole));
	*ret = report_cut(r->arena, &whole, (enum report_detail)wish->detail);
	cleaning_begin(r, &out->cleaning, wish->keep, wish->drop, cleaning);
	if (wish->choose)
		cleaning_list_lines(cleaning);
	if (wish->redact)
		cleaning_report(cleaning, ret);
	return NULL;
}

/* ---- what is wished ---- */

struct out_input {
	struct out_wish wish; /* first: shapes of a wish read it, too */
	struct str text, was; /* as it was edited, and the mark of what it was edited from */
};

static const struct names unfilled_names = NAMES("token", "blank");

#define W struct out_wish
static const struct shape out_json =
	SHAPE(W, F_ENUM(W, format, &report_formats, .optional = true),
	      F_ENUM(W, detail, &report_details, .optional = true),
	      F_ENUM(W, unfilled, &unfilled_names, .optional = true),
	      F_BOOL(W, redact, .optional = true), F_BOOL(W, scratchpad, .optional = true));
/* A page's own choice: what its form leaves out is not ticked. */
#define OUT_CHOICES                                                                                \
	F_ENUM(W, format, &report_formats, .optional = true),                                      \
		F_ENUM(W, detail, &report_details, .optional = true),                              \
		F_ENUM(W, unfilled, &unfilled_names, .optional = true),                            \
		F_BOOL(W, redact, .optional = true), F_BOOL(W, scratchpad, .optional = true),      \
		F_LIST(W, keep, &shape_texts), F_LIST(W, drop, &shape_texts)
static const struct shape out_query = SHAPE(W, OUT_CHOICES);
#define I struct out_input
static const struct shape out_form = SHAPE(
	I, OUT_CHOICES,
	F_STR(I, text, .optional = true, .lines = true, .any = true, .exact = true, .max = 1000000),
	F_STR(I, was, .optional = true, .max = 100));
#undef I

static struct out_wish wish_of(const struct req *r)
{
	struct out_wish in = *(const struct out_wish *)r->input;

	if (in.format < 0)
		in.format = r->api ? REPORT_MARKDOWN : REPORT_TEXT;
	if (in.detail < 0)
		in.detail = REPORT_STANDARD;
	if (in.unfilled < 0)
		in.unfilled = UNFILLED_TOKEN;
	if (!input_given(r, "redact"))
		in.redact = true;
	return in;
}

/* ---- the document ---- */

struct written {
	struct str text;
	struct cleaning cleaning;
};

static const struct err *write(struct req *r, const struct taken_out *out,
			       const struct out_wish *wish, struct written *ret)
{
	struct report report;

	TRY(out_report(r, out, wish, &ret->cleaning, &report));
	return report_write(r->arena, r->server->render, &report, (enum report_format)wish->format,
			    &ret->text);
}

static const struct err *record(struct req *r, struct uuid session, const struct out_wish *in,
				struct str text, bool edited, struct uuid *ret)
{
	struct str claimed, computed;

	if (!report_digest(r->arena, text, &claimed, &computed))
		return ERR(r->arena, ERR_INTERNAL, "an export without its seal");
	*ret = crypto_uuid7();
	store_export_add(r->tx, &(struct new_export){ *ret, session, in->format, in->detail,
						      in->redact, edited, text, computed });
	audit(r, in->redact ? "session.exported" : "session.exported_unredacted", "session",
	      session, audit_nothing,
	      audit_fact(r->arena, "format", names_text(&report_formats, in->format)));
	return NULL;
}

/* ---- the page that shows what would leave ---- */

struct pick {
	struct str value, label;
	bool chosen;
};

struct hit_line {
	struct str id, kind, text;
	int64_t count;
	bool kept, many;
};

struct line_choice {
	struct str id, text;
	bool dropped;
};

struct export_line {
	struct uuid id, session;
	struct str format, detail, person, ago;
	bool edited, redacted;
	struct instant at;
};

struct out_page {
	struct uuid id;
	struct str flow;
	struct list formats, details, unfilled;
	bool redact, scratchpad, has_scratchpad, gave_up, has_hits, has_lines;
	struct list hits, lines, exports, kept, dropped;
	struct str text, was, once, format, detail, unfilled_value;
};

#define P_ struct pick
static const struct shape pick_shape =
	SHAPE(P_, F_STR(P_, value), F_STR(P_, label), F_BOOL(P_, chosen));
#undef P_
#define P_ struct hit_line
static const struct shape hit_line_shape =
	SHAPE(P_, F_STR(P_, id), F_STR(P_, kind), F_STR(P_, text), F_INT(P_, count),
	      F_BOOL(P_, kept), F_BOOL(P_, many));
#undef P_
static const struct shape line_choice_shape =
	SHAPE(struct line_choice, F_STR(struct line_choice, id), F_STR(struct line_choice, text),
	      F_BOOL(struct line_choice, dropped));
#define P_ struct export_line
static const struct shape export_line_shape =
	SHAPE(P_, F_UUID(P_, id), F_UUID(P_, session), F_STR(P_, format), F_STR(P_, detail),
	      F_STR(P_, person), F_STR(P_, ago), F_BOOL(P_, edited), F_BOOL(P_, redacted),
	      F_TIME(P_, at));
#undef P_
#define P_ struct out_page
static const struct shape out_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, flow), F_LIST(P_, formats, &pick_shape),
	      F_LIST(P_, details, &pick_shape), F_LIST(P_, unfilled, &pick_shape),
	      F_BOOL(P_, redact), F_BOOL(P_, scratchpad), F_BOOL(P_, has_scratchpad),
	      F_BOOL(P_, gave_up), F_BOOL(P_, has_hits), F_BOOL(P_, has_lines),
	      F_LIST(P_, hits, &hit_line_shape), F_LIST(P_, lines, &line_choice_shape),
	      F_LIST(P_, exports, &export_line_shape), F_LIST(P_, kept, &shape_texts),
	      F_LIST(P_, dropped, &shape_texts), F_STR(P_, text), F_STR(P_, was), F_STR(P_, once),
	      F_STR(P_, format), F_STR(P_, detail), F_STR(P_, unfilled_value));
#undef P_
static const struct view out_view = { "reports/export", &out_page_shape };

static const struct names format_words = NAMES("Markdown", "Plain text", "HTML", "JSON");
static const struct names detail_words =
	NAMES("Summary", "Standard: the steps", "Full: everything");
static const struct names unfilled_words = NAMES("As [VAR:name]", "Blank");

static struct list picks(struct req *r, const struct names *values, const struct names *words,
			 int chosen)
{
	struct pick *list = ARENA_ARRAY(r->arena, struct pick, values->n);

	for (size_t at = 0; at < values->n; at++)
		list[at] = (struct pick){ names_text(values, (int)at), names_text(words, (int)at),
					  (int)at == chosen };
	return LIST_OF(list, values->n);
}

static struct list hit_lines(struct req *r, const struct hits *hits)
{
	struct hit_line *list = ARENA_ARRAY(r->arena, struct hit_line, hits->n + 1);

	for (size_t at = 0; at < hits->n; at++) {
		const struct hit *h = &hits->items[at];

		list[at] = (struct hit_line){ h->id,    h->shown, h->text,
					      h->count, h->kept,  h->count > 1 };
	}
	return LIST_OF(list, hits->n);
}

static struct list line_choices(struct req *r, const struct cleaning *c)
{
	struct line_choice *list = ARENA_ARRAY(r->arena, struct line_choice, c->nlines + 1);

	for (size_t at = 0; at < c->nlines; at++)
		list[at] = (struct line_choice){ c->lines[at].id, c->lines[at].text,
						 c->lines[at].dropped };
	return LIST_OF(list, c->nlines);
}

static struct list export_lines(struct req *r, struct list rows)
{
	struct export_line *list = ARENA_ARRAY(r->arena, struct export_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct export_row *row = &((const struct export_row *)rows.items)[at];

		list[at] = (struct export_line){
			.id = row->id,
			.session = r->id[0],
			.format = names_text(&format_words, row->format),
			.detail = names_text(&report_details, row->detail),
			.person = row->person,
			.ago = clock_ago(r->arena, row->at),
			.edited = row->edited,
			.redacted = row->redacted,
			.at = row->at,
		};
	}
	return LIST_OF(list, rows.n);
}

/* By which a text that comes back is known to be as it was made here. */
static struct str mark_of(struct req *r, struct str text)
{
	struct str claimed, computed;

	if (!report_digest(r->arena, text, &claimed, &computed))
		return STR("");
	return crypto_mac(r->arena, r->settings->keys.form, computed);
}

static const struct err *out_show(struct req *r)
{
	struct out_wish in = wish_of(r);
	struct out_page page = { .id = r->id[0] };
	struct written written;
	struct taken_out out;
	struct list exports;

	store_exports(r->tx, r->id[0], &exports);
	TRY(out_read(r, r->id[0], &out));
	TRY(out_check(r, &out.session));
	in.choose = true;
	TRY(write(r, &out, &in, &written));
	page.flow = out.session.row->flow_name;
	page.formats = picks(r, &report_formats, &format_words, in.format);
	page.details = picks(r, &report_details, &detail_words, in.detail);
	page.unfilled = picks(r, &unfilled_names, &unfilled_words, in.unfilled);
	page.redact = in.redact;
	page.scratchpad = in.scratchpad;
	page.has_scratchpad = out.session.row->scratchpad.n > 0;
	page.gave_up = written.cleaning.hits.gave_up;
	page.hits = hit_lines(r, &written.cleaning.hits);
	page.lines = line_choices(r, &written.cleaning);
	page.has_hits = page.hits.n > 0;
	page.has_lines = page.lines.n > 0;
	page.kept = in.keep;
	page.dropped = in.drop;
	page.exports = export_lines(r, exports);
	page.text = written.text;
	page.was = mark_of(r, written.text);
	page.once = crypto_token(r->arena);
	page.format = names_text(&report_formats, in.format);
	page.detail = names_text(&report_details, in.detail);
	page.unfilled_value = names_text(&unfilled_names, in.unfilled);
	return reply_page(r, &out_view, &page);
}

/* What was edited by hand is looked through anew, and sealed anew. */
static struct str take_edited(struct req *r, const struct taken_out *out, const struct out_wish *in,
			      struct str text)
{
	struct cleaning cleaning;

	cleaning_begin(r, &out->cleaning, in->keep, in->drop, &cleaning);
	if (in->redact)
		text = cleaning_text(&cleaning, text);
	return report_seal(r->arena, text, (enum report_format)in->format);
}

static const struct err *out_take(struct req *r)
{
	const struct out_input *form = r->input;
	struct out_wish in = wish_of(r);
	struct written written;
	struct taken_out out;
	struct uuid id;
	bool edited = form->text.n > 0 && !crypto_equal(form->was, mark_of(r, form->text));

	TRY(out_open(r, &out));
	if (form->text.n)
		written.text = take_edited(r, &out, &in, form->text);
	else
		TRY(write(r, &out, &in, &written));
	TRY(record(r, r->id[0], &in, written.text, edited, &id));
	return reply_see_other(
		r, str_fmt(r->arena, "/sessions/%s/exports/%s", r->id[0].text, id.text));
}

static const struct err *out_api(struct req *r)
{
	struct out_wish in = wish_of(r);
	const struct report_file *file = &report_files[in.format];
	struct written written;
	struct taken_out out;
	struct uuid id;

	TRY(out_open(r, &out));
	TRY(write(r, &out, &in, &written));
	TRY(record(r, r->id[0], &in, written.text, false, &id));
	reply_attachment(r, out.session.row->flow_name, file->ending);
	return reply_text(r, str_of(file->media), written.text);
}

/* ---- what left ---- */

struct exported_page {
	struct uuid id, session;
	struct str flow, format, detail, text, digest, person, ago;
	bool edited, redacted;
	struct instant at;
};

#define P_ struct exported_page
static const struct shape exported_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_UUID(P_, session), F_STR(P_, flow), F_STR(P_, format),
	      F_STR(P_, detail), F_STR(P_, text), F_STR(P_, digest), F_STR(P_, person),
	      F_STR(P_, ago), F_BOOL(P_, edited), F_BOOL(P_, redacted), F_TIME(P_, at));
#undef P_
static const struct view exported_view = { "reports/exported", &exported_page_shape };

static const struct err *read_export(struct req *r, struct taken_out *out, struct export_row **ret)
{
	store_export(r->tx, r->id[0], r->id[1], ret);
	TRY(out_read(r, r->id[0], out));
	TRY(out_check(r, &out->session));
	return *ret ? NULL : ERR(r->arena, ERR_NOT_FOUND, "There is no such export.");
}

static const struct err *exported_show(struct req *r)
{
	struct exported_page page;
	struct export_row *row;
	struct taken_out out;

	TRY(read_export(r, &out, &row));
	page = (struct exported_page){
		.id = row->id,
		.session = r->id[0],
		.flow = out.session.row->flow_name,
		.format = names_text(&format_words, row->format),
		.detail = names_text(&report_details, row->detail),
		.text = row->text,
		.digest = row->digest,
		.person = row->person,
		.ago = clock_ago(r->arena, row->at),
		.edited = row->edited,
		.redacted = row->redacted,
		.at = row->at,
	};
	return reply_page(r, &exported_view, &page);
}

static const struct err *exported_file(struct req *r)
{
	struct export_row *row;
	struct taken_out out;

	TRY(read_export(r, &out, &row));
	reply_attachment(r, out.session.row->flow_name, report_files[row->format].ending);
	return reply_text(r, str_of(report_files[row->format].media), row->text);
}

#define SESSION "/sessions/:session"

const struct route out_routes[] = {
	{ GET, SESSION "/export", .need = PERM_RUN, .input = &out_query, .find = session_find,
	  .run = out_show },
	{ POST, SESSION "/export", .need = PERM_RUN, .input = &out_form, .find = session_find,
	  .run = out_take, .once = true },
	{ GET, SESSION "/exports/:export", .need = PERM_RUN, .find = session_find,
	  .run = exported_show },
	{ GET, SESSION "/exports/:export/file", .need = PERM_RUN, .find = session_find,
	  .run = exported_file },
	{ POST, "/api/v1/sessions/:session/export", .need = PERM_RUN, .input = &out_json,
	  .find = session_find, .run = out_api,
	  .about = "The documentation as Markdown, text, HTML or JSON; redacted unless told not "
		   "to" },
	{ 0 },
};

const struct view *const out_views[] = { &out_view, &exported_view, NULL };
