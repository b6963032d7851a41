/* The end of an account: closing it, and calling that off.  The page and the API; who may,
 * migrations/0021_admin.sql says. */
#include "accounts/accounts.h"
#include "admin/admin.h"
#include "admin/letters.h"
#include "admin/pages.h"
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "people/rates.h"
#include "record/record.h"

#define PAGE "/account/close"
#define API  "/api/v1/account/closing"

struct close_wish {
	struct str name, current_password;
};

#define W struct close_wish
static const struct shape close_input =
	SHAPE_WITH(W, (.label = "ClosingWish"),
		   F_STR(W, name, .min = 1, .max = 120, .label = "The account's name"),
		   F_STR(W, current_password, .min = 1, .max = 128, .secret = true, .exact = true,
			 .label = "Your password"));
#undef W
static const struct control controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "off", .hint = "As it stands above." },
	{ "current_password", CONTROL_PASSWORD, .autocomplete = "current-password" },
	{ 0 },
};

/* ---- acts ---- */

static const struct err *read_closing(struct req *r, struct closing_row **ret, struct list *people)
{
	store_closing(r->tx, ret);
	store_keepers(r->tx, people);
	return tx_more(r->tx);
}

static struct json_text when(struct req *r, const struct closing_row *row)
{
	return row->closing_at.us ? audit_fact(r->arena, "closing_at",
					       clock_rfc3339(r->arena, row->closing_at))
				  : audit_nothing;
}

static const struct err *close_account(struct req *r, struct closing_row **ret)
{
	const struct close_wish *in = r->input;
	const struct err *e;
	struct letter letter;
	struct list people;

	TRY(people_prove_password(r, in->current_password));
	store_account_close(r->tx, in->name, r->settings->close_days);
	e = read_closing(r, ret, &people);
	if (e && e->kind == ERR_INVALID)
		input_problem(r, STR("name"), e->message);
	TRY(e);
	audit(r, "account.closed", "account", r->who->account, audit_nothing, when(r, *ret));
	letter = letter_closing(r->arena, r->settings, *ret, r->who->row->name);
	letters_send(r->arena, r->tx, r->who->account, people, &letter);
	return tx_run(r->tx);
}

static const struct err *call_off(struct req *r)
{
	struct closing_row *was;
	struct letter letter;
	struct list people;

	TRY(read_closing(r, &was, &people));
	store_account_keep(r->tx);
	audit(r, "account.kept", "account", r->who->account, when(r, was), audit_nothing);
	letter = letter_kept(r->arena, was, r->who->row->name);
	letters_send(r->arena, r->tx, r->who->account, people, &letter);
	return tx_run(r->tx);
}

/* ---- the page ---- */

struct closing_page {
	struct form_view form;
	struct str name, when, person, owner;
	bool closing_now, may;
	int64_t people, flows, sessions, days;
};
#define V struct closing_page
static const struct shape closing_page_shape = SHAPE(
	V, F_OBJECT(V, form, struct form_view, &form_view_shape), F_STR(V, name), F_STR(V, when),
	F_STR(V, person), F_STR(V, owner), F_BOOL(V, closing_now), F_BOOL(V, may), F_INT(V, people),
	F_INT(V, flows), F_INT(V, sessions), F_INT(V, days));
#undef V
const struct view closing_view = { "admin/close", &closing_page_shape };

static const struct err *show(struct req *r)
{
	struct closing_row *row;
	struct closing_page page;

	store_closing(r->tx, &row);
	TRY(tx_run(r->tx));
	page = (struct closing_page){
		.form = form_view(r, &(struct form_settings){ .action = STR(PAGE),
							      .button = "Close the account",
							      .input = &close_input,
							      .controls = controls,
							      .quiet = true }),
		.name = row->name,
		.when = clock_words(r->arena, row->closing_at),
		.person = row->person,
		.owner = row->owner,
		.closing_now = row->closing_at.us,
		.may = row->may,
		.people = row->people,
		.flows = row->flows,
		.sessions = row->sessions,
		.days = r->settings->close_days,
	};
	return reply_page(r, &closing_view, &page);
}

static const struct err *close_by_page(struct req *r)
{
	struct closing_row *row;

	TRY(close_account(r, &row));
	people_flash(r, "The account is closed. Until its end everything works as before.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *call_off_by_page(struct req *r)
{
	TRY(call_off(r));
	people_flash(r, "It is called off: the account stays.");
	return reply_see_other(r, STR(PAGE));
}

/* ---- API ---- */

#define R struct closing_row
static const struct shape closing_json =
	SHAPE_WITH(R, (.label = "Closing"), F_STR(R, name), F_TIME(R, closing_at, .null = true),
		   F_STR(R, person, .null = true), F_BOOL(R, may), F_STR(R, owner, .null = true),
		   F_INT(R, people), F_INT(R, flows), F_INT(R, sessions));
#undef R

static const struct err *get_api(struct req *r)
{
	struct closing_row *row;

	store_closing(r->tx, &row);
	TRY(tx_run(r->tx));
	return reply_json(r, &closing_json, row);
}

static const struct err *post_api(struct req *r)
{
	struct closing_row *row;

	TRY(close_account(r, &row));
	return reply_json(r, &closing_json, row);
}

static const struct err *delete_api(struct req *r)
{
	TRY(call_off(r));
	return reply_none(r);
}

const struct route closing_routes[] = {
	{ GET, PAGE, .need = PERM_ADMIN, .run = show },
	{ POST, PAGE, .need = PERM_ADMIN, .input = &close_input, .run = close_by_page,
	  .again = show, .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN },
	{ POST, PAGE "/off", .need = PERM_ADMIN, .run = call_off_by_page },
	{ GET, API, .need = PERM_ADMIN, .run = get_api, .output = &closing_json,
	  .about = "When the account will be deleted, if it is to be, and what that takes away" },
	{ POST, API, .need = PERM_ADMIN, .input = &close_input, .run = post_api,
	  .output = &closing_json, .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN, .status = 201,
	  .about = "Close the account: by its owner, with its name and the password; it is deleted "
		   "days later" },
	{ DELETE, API, .need = PERM_ADMIN, .run = delete_api, .status = 204,
	  .about = "Call it off, as any team admin can until then" },
	{ 0 },
};
