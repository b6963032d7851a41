/*
 * Many people invited at once: a list is judged line by line and shown, and sent by a second step,
 * once.  What became of each line stays to be read.
 */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/csv.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/invite_list.h"
#include "people/team.h"
#include "record/record.h"

#define TEXT_MAX 200000

/* ---- the form ---- */

struct bulk_form {
	struct str file, list;
	int role;
	int64_t expires_in;
};

#define F struct bulk_form
#define F_TEXT(m, ...)                                                                             \
	F_STR(F, m, .optional = true, .max = TEXT_MAX, .lines = true, .any = true, .exact = true,  \
	      __VA_ARGS__)
static const struct shape bulk_form =
	SHAPE(F, F_TEXT(list, .label = "The list"), F_TEXT(file, .label = "Or a file with it"),
	      F_ENUM(F, role, &given_roles, .label = "Role", .choices = role_choices),
	      F_INT(F, expires_in, .min = 60, .max = 90 * INVITE_DAY, .label = "Valid for",
		    .choices = life_choices));
#undef F

struct bulk_page {
	struct form_view form;
};

static const struct shape bulk_page_shape = SHAPE(
	struct bulk_page, F_OBJECT(struct bulk_page, form, struct form_view, &form_view_shape));
const struct view bulk_view = { "people/bulk", &bulk_page_shape };

static const struct err *bulk_show(struct req *r)
{
	static const struct control controls[] = {
		{ "list", CONTROL_LINES, .needed = true,
		  .hint = "A line for each person: e-mail, role, team. Role and team may be left "
			  "out." },
		{ "file", CONTROL_FILE, .needed = true, .accept = ".csv,.txt",
		  .hint = "CSV, as a spreadsheet saves it." },
		{ "role", CONTROL_SELECT, .hint = "Of lines that name none." },
		{ "expires_in", .kind = CONTROL_SELECT },
		{ 0 },
	};
	const struct pair values[] = { { STR("role"), STR("engineer") }, { { 0 }, { 0 } } };
	struct bulk_page page = {
		.form = form_view(r, &(struct form_settings){ .action = STR("/invites/bulk"),
							      .button = "Check the list",
							      .input = &bulk_form,
							      .controls = controls,
							      .values = values }),
	};

	TRY(tx_run(r->tx));
	return reply_page(r, &bulk_view, &page);
}

static const struct err *bulk_check(struct req *r)
{
	const struct bulk_form *form = r->input;
	struct str text = form->file.n ? form->file : form->list;
	struct new_batch batch = { .id = crypto_uuid7(), .lasts = form->expires_in };

	batch.entries = invite_list_read(r->arena, text, names_text(&given_roles, form->role));
	if (batch.entries.n == 0)
		return input_refuse(r, "list", "Paste a list, or choose a file with one.");
	if (batch.entries.n > INVITE_LIST_MOST)
		return input_refuse(r, "list", "A list may have %d people. Send it in parts.",
				    INVITE_LIST_MOST);
	store_batch_add(r->tx, r->arena, &batch);
	TRY(tx_run(r->tx));
	return reply_see_other(r, str_fmt(r->arena, "/invites/bulk/%s", batch.id.text));
}

/* ---- sending ---- */

/* A code and an id for each line, whether or not it turns out to need them. */
struct codes {
	struct str *codes, *hashes, *ids;
	size_t n;
};

static struct codes make_codes(struct arena *a, size_t n)
{
	struct codes made = { ARENA_ARRAY(a, struct str, n + 1), ARENA_ARRAY(a, struct str, n + 1),
			      ARENA_ARRAY(a, struct str, n + 1), n };

	for (size_t at = 0; at < n; at++) {
		struct uuid id = crypto_uuid7();

		made.codes[at] = crypto_token(a);
		made.hashes[at] = crypto_hash_token(a, made.codes[at]);
		made.ids[at] = str_dup(a, uuid_str(&id));
	}
	return made;
}

static void mail_all(struct req *r, const struct codes *codes, struct list lines)
{
	const struct batch_line *line = lines.items;
	struct mail *mails = ARENA_ARRAY(r->arena, struct mail, lines.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < lines.n; at++)
		if (line[at].outcome == LINE_SENT)
			mails[n++] = invite_mail(r, line[at].email, codes->codes[at],
						 line[at].expires_at);
	if (n)
		mail_queue_all(r->arena, r->tx, LIST_OF(mails, n));
}

/* Sends the good lines of a list whose lines are n; lines: what became of all.  Nothing where it
 * was sent before. */
static const struct err *send_batch(struct req *r, struct uuid batch, const struct codes *codes,
				    bool makes_teams, struct list *lines)
{
	struct sent_row *row = NULL;

	store_batch_send(r, batch, LIST_OF(codes->hashes, codes->n), LIST_OF(codes->ids, codes->n),
			 makes_teams, &row);
	store_batch_lines(r->tx, batch, lines);
	TRY(tx_more(r->tx));
	if (row && row->sent)
		mail_all(r, codes, *lines);
	return tx_run(r->tx);
}

/* ---- the report ---- */

struct report_line {
	int64_t n;
	struct str email, role_label, team, word;
	bool good, sent;
};

#define L struct report_line
static const struct shape report_line_shape =
	SHAPE(L, F_INT(L, n), F_STR(L, email), F_STR(L, role_label), F_STR(L, team), F_STR(L, word),
	      F_BOOL(L, good), F_BOOL(L, sent));
#undef L

struct report_page {
	struct uuid id;
	int64_t total, good, left;
	bool sent, may_send, offers_teams;
	struct str by, ago, teams, button;
	struct instant at;
	struct list lines;
};

#define P_ struct report_page
static const struct shape report_shape = SHAPE(
	P_, F_UUID(P_, id), F_INT(P_, total), F_INT(P_, good), F_INT(P_, left), F_BOOL(P_, sent),
	F_BOOL(P_, may_send), F_BOOL(P_, offers_teams), F_STR(P_, by), F_STR(P_, ago),
	F_STR(P_, teams), F_STR(P_, button), F_TIME(P_, at), F_LIST(P_, lines, &report_line_shape));
#undef P_
const struct view bulk_report_view = { "people/bulk_report", &report_shape };

static struct str role_words(struct str role)
{
	int found;

	return names_find(&role_names, role, &found) ? role_label(found) : role;
}

/* Team names that could be made, each once, as a sentence has them. */
static struct str missing_teams(struct arena *a, const struct batch_line *line, size_t n)
{
	struct buf out = buf_new(a, (size_t)INVITE_LIST_MOST * 600);

	for (size_t at = 0; at < n; at++) {
		bool told = !line[at].can_make;

		for (size_t before = 0; before < at && !told; before++)
			told = line[before].can_make &&
			       str_eq_nocase(line[before].team, line[at].team);
		if (told)
			continue;
		buf_put(&out, out.n ? STR(", ") : STR(""));
		buf_put(&out, line[at].team);
	}
	return buf_str(&out);
}

static struct list report_lines(struct arena *a, const struct batch_line *line, size_t n)
{
	struct report_line *lines = ARENA_ARRAY(a, struct report_line, n + 1);

	for (size_t at = 0; at < n; at++)
		lines[at] = (struct report_line){
			.n = line[at].n,
			.email = line[at].email,
			.role_label = role_words(line[at].role),
			.team = line[at].team,
			.word = names_text(&invite_outcome_words, line[at].outcome),
			.good = line[at].outcome == LINE_OK,
			.sent = line[at].outcome == LINE_SENT,
		};
	return LIST_OF(lines, n);
}

static const struct err *report_show(struct req *r)
{
	const struct batch_line *line;
	struct report_page page;
	struct batch_row *row;
	struct list lines;

	store_batch(r->tx, r->id[0], &row);
	store_batch_lines(r->tx, r->id[0], &lines);
	TRY(tx_run(r->tx));
	line = lines.items;
	page = (struct report_page){
		.id = row->id,
		.total = (int64_t)lines.n,
		.sent = row->sent_at.us != 0,
		.by = row->by,
		.at = row->sent_at.us ? row->sent_at : row->created_at,
		.teams = missing_teams(r->arena, line, lines.n),
		.lines = report_lines(r->arena, line, lines.n),
	};
	for (size_t at = 0; at < lines.n; at++)
		page.good += line[at].outcome == (page.sent ? LINE_SENT : LINE_OK);
	page.left = page.total - page.good;
	page.ago = clock_ago(r->arena, page.at);
	page.offers_teams = !page.sent && page.teams.n > 0;
	page.may_send = !page.sent && (page.good > 0 || page.offers_teams);
	page.button = str_fmt(r->arena, "Send %lld %s", (long long)page.good,
			      page.good == 1 ? "invite" : "invites");
	return reply_page(r, &bulk_report_view, &page);
}

struct send_form {
	bool make_teams;
};

static const struct shape send_form =
	SHAPE(struct send_form, F_BOOL(struct send_form, make_teams, .optional = true));

static void batch_find(struct req *r)
{
	struct batch_row **row = ARENA_NEW(r->arena, struct batch_row *);

	store_batch(r->tx, r->id[0], row);
}

static const struct err *report_send(struct req *r)
{
	const struct send_form *form = r->input;
	struct batch_row *row;
	struct codes codes;
	struct list lines;

	store_batch(r->tx, r->id[0], &row);
	TRY(tx_more(r->tx));
	codes = make_codes(r->arena, (size_t)row->lines);
	TRY(send_batch(r, r->id[0], &codes, form->make_teams, &lines));
	return reply_see_other(r, str_fmt(r->arena, "/invites/bulk/%s", r->id[0].text));
}

/* ---- the report as a file ---- */

struct cells {
	int64_t line;
	struct str email, role, team;
	int outcome;
	struct str what;
};

#define C struct cells
static const struct shape cells_shape =
	SHAPE(C, F_INT(C, line), F_STR(C, email), F_STR(C, role), F_STR(C, team),
	      F_ENUM(C, outcome, &invite_outcomes), F_STR(C, what));
#undef C

static const struct err *put_rows(struct req *r, void *ctx, struct buf *out, bool *more)
{
	const struct batch_line *line;
	struct batch_row *row;
	struct list lines;

	(void)ctx;
	*more = false;
	store_batch(r->tx, r->id[0], &row);
	store_batch_lines(r->tx, r->id[0], &lines);
	TRY(tx_run(r->tx));
	line = lines.items;
	csv_put_head(out, &cells_shape);
	for (size_t at = 0; at < lines.n; at++) {
		const struct cells cells = {
			.line = line[at].n,
			.email = line[at].email,
			.role = line[at].role,
			.team = line[at].team,
			.outcome = line[at].outcome,
			.what = names_text(&invite_outcome_words, line[at].outcome),
		};

		csv_put_row(out, &cells_shape, &cells);
	}
	return NULL;
}

static const struct err *report_csv(struct req *r)
{
	return reply_csv(r, "invites", put_rows, NULL);
}

/* ---- the API ---- */

struct item_json {
	struct str email, role, team;
	struct uuid team_id;
};

#define I struct item_json
static const struct shape item_json =
	SHAPE(I, F_STR(I, email, .max = 1000), F_STR(I, role, .optional = true, .max = 1000),
	      F_STR(I, team, .optional = true, .max = 1000),
	      F_UUID(I, team_id, .optional = true, .null = true));
#undef I

struct bulk_json {
	struct list items;
	int64_t expires_in;
	bool make_teams;
};

#define B struct bulk_json
static const struct shape bulk_json =
	SHAPE(B, F_LIST(B, items, &item_json, .max = INVITE_LIST_MOST),
	      F_INT(B, expires_in, .optional = true, .min = 60, .max = 90 * INVITE_DAY),
	      F_BOOL(B, make_teams, .optional = true));
#undef B

struct result_json {
	int64_t line;
	struct str email, role, team;
	int outcome;
	struct uuid invite_id;
	struct str code;
};

#define R struct result_json
static const struct shape result_json =
	SHAPE_WITH(R, (.label = "Invited"), F_INT(R, line), F_STR(R, email), F_STR(R, role),
		   F_STR(R, team), F_ENUM(R, outcome, &invite_outcomes),
		   F_UUID(R, invite_id, .null = true), F_STR(R, code, .null = true));
#undef R
struct results_json {
	struct list items;
};
static const struct shape results_json =
	SHAPE(struct results_json, F_LIST(struct results_json, items, &result_json));

static struct list entries_of(struct req *r, const struct bulk_json *in)
{
	struct invite_entry *entries = ARENA_ARRAY(r->arena, struct invite_entry, in->items.n + 1);
	const struct item_json *item = in->items.items;

	for (size_t at = 0; at < in->items.n; at++) {
		entries[at] = (struct invite_entry){ .n = (int64_t)at + 1,
						     .email = item[at].email,
						     .role = item[at].role,
						     .team = item[at].team,
						     .team_id = item[at].team_id };
		invite_entry_judge(r->arena, &entries[at], STR("engineer"));
	}
	return LIST_OF(entries, in->items.n);
}

static const struct err *bulk_api(struct req *r)
{
	const struct bulk_json *in = r->input;
	struct new_batch batch = { .id = crypto_uuid7(),
				   .lasts = in->expires_in ? in->expires_in : INVITE_SECONDS,
				   .entries = entries_of(r, in) };
	struct codes codes = make_codes(r->arena, in->items.n);
	struct results_json answer;
	struct result_json *items = ARENA_ARRAY(r->arena, struct result_json, in->items.n + 1);
	const struct batch_line *line;
	struct list lines;

	if (in->items.n == 0)
		return input_refuse(r, "items", "Name somebody to invite.");
	store_batch_add(r->tx, r->arena, &batch);
	TRY(send_batch(r, batch.id, &codes, in->make_teams, &lines));
	line = lines.items;
	for (size_t at = 0; at < lines.n; at++)
		items[at] = (struct result_json){
			.line = line[at].n,
			.email = line[at].email,
			.role = line[at].role,
			.team = line[at].team,
			.outcome = line[at].outcome,
			.invite_id = line[at].invite,
			.code = line[at].outcome == LINE_SENT ? codes.codes[at] : STR_NONE,
		};
	answer.items = LIST_OF(items, lines.n);
	return reply_json(r, &results_json, &answer);
}

#define BATCH "/invites/bulk/:batch"

const struct route invite_bulk_routes[] = {
	{ GET, "/invites/bulk", .need = PERM_PEOPLE, .asks = true, .run = bulk_show },
	{ POST, "/invites/bulk", .need = PERM_PEOPLE, .input = &bulk_form, .run = bulk_check,
	  .again = bulk_show, .file = true },
	{ GET, BATCH, .need = PERM_PEOPLE, .run = report_show },
	{ GET, BATCH "/report.csv", .need = PERM_PEOPLE, .run = report_csv },
	{ POST, BATCH "/send", .need = PERM_PEOPLE, .input = &send_form, .find = batch_find,
	  .run = report_send },
	{ POST, "/api/v1/invites/bulk", .need = PERM_PEOPLE, .input = &bulk_json, .run = bulk_api,
	  .output = &results_json, .once = true,
	  .about = "Invite up to 500 people; each line is answered by itself" },
	{ 0 },
};
