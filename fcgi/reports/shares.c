/* Links that show a session to others: making, listing and withdrawing them; see shared.c for what
 * is behind one. */
#include "accounts/accounts.h"
#include "flows/tree.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "record/record.h"
#include "reports/out.h"
#include "reports/pages.h"

#define SECONDS_MAX ((int64_t)366 * 86400)

/* ---- making one ---- */

struct share_input {
	int audience, detail, span;
	bool redact;
	int64_t expires_in, max_views; /* expires_in: of the API, span: of the page */
};

static const struct choice audience_choices[] = {
	{ "account", "Colleagues, signed in" },
	{ "public", "Anyone who has the link" },
	{ 0 },
};
/* Where links for anyone are switched off. */
static const struct choice colleagues_only[] = { { "account", "Colleagues, signed in" }, { 0 } };
static const struct choice detail_choices[] = {
	{ "summary", "Summary" },
	{ "standard", "Standard: the steps" },
	{ "full", "Full: everything" },
	{ 0 },
};

static const struct names spans = NAMES("86400", "604800", "2592000", "31536000");
static const struct choice span_choices[] = {
	{ "86400", "A day" },
	{ "604800", "A week" },
	{ "2592000", "30 days" },
	{ "31536000", "A year" },
	{ 0 },
};
static const int64_t span_seconds[] = { 86400, 604800, 2592000, 31536000 };

#define I struct share_input
#define SHARE_FIELDS(audiences)                                                                    \
	F_ENUM(I, audience, &share_audiences, .optional = true, .label = "Who may open it",        \
	       .choices = (audiences)),                                                            \
		F_ENUM(I, detail, &report_details, .optional = true, .label = "How much it shows", \
		       .choices = detail_choices),                                                 \
		F_BOOL(I, redact, .optional = true,                                                \
		       .label = "Take out passwords, addresses and the like"),                     \
		F_INT(I, max_views, .optional = true, .null = true, .min = 1, .max = 100000,       \
		      .label = "How often it may be opened")
static const struct shape share_json_input =
	SHAPE(I, SHARE_FIELDS(audience_choices),
	      F_INT(I, expires_in, .optional = true, .null = true, .min = 60, .max = SECONDS_MAX));
#define SPAN F_ENUM(I, span, &spans, .label = "How long it works", .choices = span_choices)
static const struct shape share_form = SHAPE(I, SHARE_FIELDS(audience_choices), SPAN);
static const struct shape colleagues_form = SHAPE(I, SHARE_FIELDS(colleagues_only), SPAN);
#undef SPAN
#undef I

/* Queues it; *token is told once. */
static const struct err *make(struct req *r, const struct share_input *in, struct uuid *id,
			      struct str *token)
{
	struct new_share share = {
		.id = crypto_uuid7(),
		.session = r->id[0],
		.audience = in->audience < 0 ? SHARE_ACCOUNT : in->audience,
		.detail = in->detail < 0 ? REPORT_STANDARD : in->detail,
		.redact = in->redact,
		.seconds = in->expires_in ? in->expires_in : span_seconds[1],
		.max_views = in->max_views,
	};
	struct session session;

	TRY(session_open(r, r->id[0], &session));
	TRY(out_check(r, &session));
	if (share.audience == SHARE_PUBLIC && !flag_on(r, FLAG_PUBLIC_LINKS))
		return input_refuse(r, "audience",
				    "Links for anyone are switched off. Choose colleagues.");
	if (share.audience == SHARE_PUBLIC && !share.redact)
		return input_refuse(r, "redact",
				    "What anyone may open is always redacted. Leave this ticked.");
	*id = share.id;
	*token = crypto_token(r->arena);
	share.token_hash = crypto_hash_token(r->arena, *token);
	store_share_add(r->tx, &share);
	audit(r, "session.shared", "session", r->id[0], audit_nothing,
	      audit_fact(r->arena, "audience", names_text(&share_audiences, share.audience)));
	return NULL;
}

static struct str url_of(struct req *r, struct str token)
{
	return str_fmt(r->arena, "%.*s/s/%.*s", STR_ARG(r->settings->base_url), STR_ARG(token));
}

/* ---- the API ---- */

struct share_json {
	struct uuid id;
	struct str url;
	int audience, detail;
	bool redact;
	int64_t views, max_views;
	int state;
	struct instant created_at, expires_at, revoked_at, viewed_at;
	struct person_json created_by;
};

#define S_ struct share_json
static const struct shape share_json_shape =
	SHAPE_WITH(S_, (.label = "Share"), F_UUID(S_, id), F_STR(S_, url, .null = true),
		   F_ENUM(S_, audience, &share_audiences), F_ENUM(S_, detail, &report_details),
		   F_BOOL(S_, redact), F_INT(S_, views), F_INT(S_, max_views, .null = true),
		   F_ENUM(S_, state, &share_states), F_TIME(S_, created_at), F_TIME(S_, expires_at),
		   F_TIME(S_, revoked_at, .null = true), F_TIME(S_, viewed_at, .null = true),
		   F_OBJECT(S_, created_by, struct person_json, &person_json_shape));
struct shares_json {
	struct list items;
};
static const struct shape shares_json_shape =
	SHAPE(struct shares_json, F_LIST(struct shares_json, items, &share_json_shape));

static struct share_json json_of(const struct share_row *row)
{
	return (struct share_json){
		.id = row->id,
		.audience = row->audience,
		.detail = row->detail,
		.redact = row->redact,
		.views = row->views,
		.max_views = row->max_views,
		.state = row->state,
		.created_at = row->created_at,
		.expires_at = row->expires_at,
		.revoked_at = row->revoked_at,
		.viewed_at = row->viewed_at,
		.created_by = { row->person, row->person_name },
	};
}

static const struct err *add_api(struct req *r)
{
	struct share_input in = *(const struct share_input *)r->input;
	struct share_json json;
	struct str token = STR_NONE;
	struct list rows;
	struct uuid id;

	if (!input_given(r, "redact"))
		in.redact = true;
	TRY(make(r, &in, &id, &token));
	store_shares(r->tx, r->id[0], &rows);
	TRY(tx_run(r->tx));
	json = json_of(rows.items); /* the newest */
	json.url = url_of(r, token);
	return reply_json(r, &share_json_shape, &json);
}

static const struct err *list_api(struct req *r)
{
	struct share_json *items;
	struct session session;
	struct list rows;

	store_shares(r->tx, r->id[0], &rows);
	TRY(session_read(r, r->id[0], &session));
	TRY(out_check(r, &session));
	items = ARENA_ARRAY(r->arena, struct share_json, rows.n + 1);
	for (size_t at = 0; at < rows.n; at++)
		items[at] = json_of(&((const struct share_row *)rows.items)[at]);
	return reply_json(r, &shares_json_shape, &(struct shares_json){ LIST_OF(items, rows.n) });
}

static const struct err *revoke(struct req *r)
{
	struct session session;

	TRY(session_open(r, r->id[0], &session));
	TRY(out_check(r, &session));
	store_share_revoke(r->tx, r->id[0], r->id[1]);
	audit(r, "session.share_revoked", "session", r->id[0], audit_nothing,
	      audit_fact(r->arena, "share", uuid_str(&r->id[1])));
	return tx_run(r->tx);
}

static const struct err *revoke_api(struct req *r)
{
	TRY(revoke(r));
	return reply_none(r);
}

/* ---- the page of a session's links ---- */

struct share_line {
	struct uuid id, session;
	struct str audience, detail, state, person, made_ago, viewed_ago, until;
	bool open, redact;
	int64_t views, max_views;
	struct instant created_at, expires_at, viewed_at;
};

struct opening_line {
	struct str person, ago;
	struct instant at;
};

struct shares_page {
	struct uuid id;
	struct str flow, url; /* of one just made: told once */
	struct form_view form;
	struct list shares, openings;
	bool has_shares, has_openings;
};

#define L_ struct share_line
static const struct shape share_line_shape =
	SHAPE(L_, F_UUID(L_, id), F_UUID(L_, session), F_STR(L_, audience), F_STR(L_, detail),
	      F_STR(L_, state), F_STR(L_, person), F_STR(L_, made_ago), F_STR(L_, viewed_ago),
	      F_STR(L_, until), F_BOOL(L_, open), F_BOOL(L_, redact), F_INT(L_, views),
	      F_INT(L_, max_views), F_TIME(L_, created_at), F_TIME(L_, expires_at),
	      F_TIME(L_, viewed_at));
static const struct shape opening_line_shape =
	SHAPE(struct opening_line, F_STR(struct opening_line, person),
	      F_STR(struct opening_line, ago), F_TIME(struct opening_line, at));
#define P_ struct shares_page
static const struct shape shares_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, flow), F_STR(P_, url),
	      F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_LIST(P_, shares, &share_line_shape), F_LIST(P_, openings, &opening_line_shape),
	      F_BOOL(P_, has_shares), F_BOOL(P_, has_openings));
#undef P_
static const struct view shares_view = { "reports/shares", &shares_page_shape };

static const struct names audience_words = NAMES("Anyone with the link", "Colleagues");
static const struct names state_words =
	NAMES("Works", "Withdrawn", "Expired", "Opened as often as it may be");

static struct list share_lines(struct req *r, struct list rows)
{
	struct share_line *list = ARENA_ARRAY(r->arena, struct share_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct share_row *row = &((const struct share_row *)rows.items)[at];

		list[at] = (struct share_line){
			.id = row->id,
			.session = r->id[0],
			.audience = names_text(&audience_words, row->audience),
			.detail = names_text(&report_details, row->detail),
			.state = names_text(&state_words, row->state),
			.person = row->person_name,
			.made_ago = clock_ago(r->arena, row->created_at),
			.viewed_ago =
				row->viewed_at.us ? clock_ago(r->arena, row->viewed_at) : STR_NONE,
			.until = clock_words(r->arena, row->expires_at),
			.open = row->state == SHARE_OPEN,
			.redact = row->redact,
			.views = row->views,
			.max_views = row->max_views,
			.created_at = row->created_at,
			.expires_at = row->expires_at,
			.viewed_at = row->viewed_at,
		};
	}
	return LIST_OF(list, rows.n);
}

static struct list opening_lines(struct req *r, struct list rows)
{
	struct opening_line *list = ARENA_ARRAY(r->arena, struct opening_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct share_view_row *row = &((const struct share_view_row *)rows.items)[at];

		list[at] =
			(struct opening_line){ row->person, clock_ago(r->arena, row->at), row->at };
	}
	return LIST_OF(list, rows.n);
}

static struct form_view share_form_view(struct req *r)
{
	static const struct control controls[] = {
		{ .field = "audience", .kind = CONTROL_SELECT },
		{ .field = "detail", .kind = CONTROL_SELECT },
		{ .field = "span", .kind = CONTROL_SELECT },
		{ "max_views", CONTROL_TEXT, .inputmode = "numeric", .autocomplete = "off",
		  .hint = "Leave it empty for any number of times." },
		{ "redact", CONTROL_CHECKBOX, .hint = "Always, where anyone may open it." },
		{ 0 },
	};
	static const struct pair values[] = {
		{ STR_INIT("audience"), STR_INIT("account") },
		{ STR_INIT("detail"), STR_INIT("standard") },
		{ STR_INIT("span"), STR_INIT("604800") },
		{ STR_INIT("redact"), STR_INIT("1") },
		{ { 0 }, { 0 } },
	};

	return form_view(
		r, &(struct form_settings){
			   .action = str_fmt(r->arena, "/sessions/%s/shares", r->id[0].text),
			   .button = "Make a link",
			   .input = flag_on(r, FLAG_PUBLIC_LINKS) ? &share_form : &colleagues_form,
			   .controls = controls,
			   .values = values,
			   .once = true,
		   });
}

static const struct err *show(struct req *r, struct str url)
{
	struct shares_page page = { .id = r->id[0], .url = url };
	struct list rows, views;
	struct session session;

	store_shares(r->tx, r->id[0], &rows);
	store_share_views(r->tx, r->id[0], &views);
	TRY(session_read(r, r->id[0], &session));
	TRY(out_check(r, &session));
	page.flow = session.row->flow_name;
	page.form = share_form_view(r);
	page.shares = share_lines(r, rows);
	page.openings = opening_lines(r, views);
	page.has_shares = rows.n > 0;
	page.has_openings = views.n > 0;
	return reply_page(r, &shares_view, &page);
}

static const struct err *shares_show(struct req *r)
{
	return show(r, STR_NONE);
}

/* The link is told in the answer itself: it is nowhere to be read again. */
static const struct err *shares_add(struct req *r)
{
	struct share_input in = *(const struct share_input *)r->input;
	struct str token = STR_NONE;
	struct uuid id;

	in.expires_in = span_seconds[in.span];
	TRY(make(r, &in, &id, &token));
	return show(r, url_of(r, token));
}

static const struct err *revoke_page(struct req *r)
{
	TRY(revoke(r));
	people_flash(r, "The link is withdrawn. Nobody can open it now.");
	return reply_see_other(r, str_fmt(r->arena, "/sessions/%s/shares", r->id[0].text));
}

#define SESSION     "/sessions/:session"
#define SESSION_API "/api/v1/sessions/:session/shares"

const struct route shares_routes[] = {
	{ GET, SESSION "/shares", .need = PERM_RUN, .find = session_find, .run = shares_show },
	{ POST, SESSION "/shares", .need = PERM_RUN, .input = &share_form, .find = session_find,
	  .run = shares_add, .again = shares_show, .once = true },
	{ POST, SESSION "/shares/:share/revoke", .need = PERM_RUN, .find = session_find,
	  .run = revoke_page },
	{ POST, SESSION_API, .need = PERM_RUN, .input = &share_json_input, .find = session_find,
	  .run = add_api, .output = &share_json_shape, .status = 201, .once = true,
	  .about = "Make a link that shows the session; its url is told once" },
	{ GET, SESSION_API, .need = PERM_RUN, .find = session_find, .run = list_api,
	  .output = &shares_json_shape, .about = "The links to a session" },
	{ DELETE, SESSION_API "/:share", .need = PERM_RUN, .find = session_find, .run = revoke_api,
	  .status = 204, .about = "Withdraw a link, at once" },
	{ 0 },
};

const struct view *const shares_views[] = { &shares_view, NULL };
