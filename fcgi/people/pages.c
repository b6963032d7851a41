/* The pages around signing in, and the room's table of pages. */
#include "people/pages.h"

#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/rates.h"
#include "record/record.h"
#include "people/team.h"

/* ---- views ---- */

struct form_page {
	struct form_view form;
	struct str notice, joins, joins_as, email, plan;
	bool can_register, closed;
};

static const struct shape form_page_shape = SHAPE(
	struct form_page, F_OBJECT(struct form_page, form, struct form_view, &form_view_shape),
	F_STR(struct form_page, notice), F_STR(struct form_page, joins),
	F_STR(struct form_page, joins_as), F_STR(struct form_page, email),
	F_STR(struct form_page, plan), F_BOOL(struct form_page, can_register),
	F_BOOL(struct form_page, closed));

struct sentence_page {
	struct str title, message, href, link, email, lifetime;
};

static const struct shape sentence_shape =
	SHAPE(struct sentence_page, F_STR(struct sentence_page, title),
	      F_STR(struct sentence_page, message), F_STR(struct sentence_page, href),
	      F_STR(struct sentence_page, link), F_STR(struct sentence_page, email),
	      F_STR(struct sentence_page, lifetime));

static const struct view login_view = { "people/login", &form_page_shape };
static const struct view register_view = { "people/register", &form_page_shape };
static const struct view forgot_view = { "people/forgot", &form_page_shape };
static const struct view reset_view = { "people/reset", &form_page_shape };
static const struct view verify_view = { "people/verify", &form_page_shape };
static const struct view forgot_sent_view = { "people/forgot_sent", &sentence_shape };
static const struct view verified_view = { "people/verified", &sentence_shape };
static const struct view spent_view = { "people/link_spent", &sentence_shape };

const struct view *const people_views[] = {
	&login_view,
	&register_view,
	&forgot_view,
	&reset_view,
	&verify_view,
	&forgot_sent_view,
	&verified_view,
	&spent_view,
	&welcome_view,
	&profile_view,
	&password_view,
	&devices_view,
	&device_end_view,
	&kept_form_view,
	&users_view,
	&user_view,
	&going_view,
	&teams_view,
	&team_view,
	&team_delete_view,
	&invites_view,
	&invite_made_view,
	&bulk_view,
	&bulk_report_view,
	&code_view,
	&own_keys_view,
	&key_made_view,
	&all_keys_view,
	NULL,
};

bool may_register(const struct req *r)
{
	return !str_eq(r->settings->registration, STR("closed"));
}

/* ---- sign in ---- */

static const struct control login_controls[] = {
	{ "email", CONTROL_EMAIL, .autocomplete = "username" },
	{ "password", CONTROL_PASSWORD, .autocomplete = "current-password" },
	{ "next", .kind = CONTROL_HIDDEN },
	{ 0 },
};

static const struct err *login_show(struct req *r)
{
	struct form_page page = {
		.form = form_view(r, &(struct form_settings){ .action = STR("/login"),
							      .button = "Sign in",
							      .input = &login_input,
							      .controls = login_controls }),
		.can_register = may_register(r),
	};

	if (form_value(r, STR("signed_out")).p)
		page.notice = STR("You have been signed out.");
	else if (cookie_get(r, "kept").n)
		page.notice =
			STR("You were signed out, but your text is safe. Sign in to send it.");
	TRY(tx_run(r->tx));
	return reply_page(r, &login_view, &page);
}

struct str way_on(struct req *r, struct str next)
{
	return cookie_get(r, "kept").n ? STR("/kept") : local_path(next);
}

static const struct err *login_send(struct req *r)
{
	const struct login_form *form = r->input;
	struct credentials *c;
	struct tokens tokens;

	TRY(act_password(r, form->email, form->password, &c));
	if (c->factor.p)
		return half_way(r, c, form->next);
	TRY(act_enter(r, c, &tokens));
	tokens_set_cookies(r, &tokens);
	return reply_see_other(r, way_on(r, form->next));
}

static void end_own(struct req *r)
{
	store_sign_in_end(r->tx, r->who->sign_in, r->who->person, "signed_out");
	audit(r, "sign_in.ended", "sign_in", r->who->sign_in, audit_nothing, audit_nothing);
	event_bell(r->tx, r->who->account);
}

static const struct err *logout(struct req *r)
{
	struct str token = cookie_get(r, "refresh");

	if (r->who)
		end_own(r);
	else if (token.n)
		store_sign_out(r, crypto_hash_token(r->arena, token));
	people_drop_kept_form(r);
	TRY(tx_run(r->tx));
	tokens_clear_cookies(r);
	reply_header(r, "Clear-Site-Data", STR("\"cache\""));
	return reply_see_other(r, STR("/login?signed_out=1"));
}

/* ---- register ---- */

#define CHOSEN_PASSWORD                                                                            \
	{                                                                                          \
		"password", CONTROL_PASSWORD, .autocomplete = "new-password",                      \
					      .hint = "At least 12 characters. A few words that "  \
						      "you remember make a good one."              \
	}

static const struct control register_controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "name" },
	{ "account_name", CONTROL_TEXT, .autocomplete = "organization", .needed = true },
	{ "email", CONTROL_EMAIL, .autocomplete = "email" },
	CHOSEN_PASSWORD,
	{ 0 },
};
static const struct control join_controls[] = {
	{ "invite_code", .kind = CONTROL_HIDDEN },
	{ "name", CONTROL_TEXT, .autocomplete = "name" },
	{ "email", CONTROL_EMAIL, .autocomplete = "email" },
	CHOSEN_PASSWORD,
	{ 0 },
};

/* A code is asked for where it must be, and kept where a link has brought it. */
static const struct control code_controls[] = {
	{ "invite_code", CONTROL_TEXT, .autocomplete = "off", .needed = true,
	  .hint = "You were given it by whoever told you of ResolutionFlow." },
	{ "name", CONTROL_TEXT, .autocomplete = "name" },
	{ "account_name", CONTROL_TEXT, .autocomplete = "organization", .needed = true },
	{ "email", CONTROL_EMAIL, .autocomplete = "email" },
	CHOSEN_PASSWORD,
	{ 0 },
};

static const struct err *code_spent(struct req *r)
{
	return reply_page(r, &spent_view,
			  &(struct sentence_page){
				  .title = STR("This invite no longer works"),
				  .message = STR("It was used, withdrawn, or has expired. "
						 "Ask for a new one."),
				  .href = STR("/login"),
				  .link = STR("Sign in"),
			  });
}

/* In a link's path, in its query, or in the form that comes back. */
static struct str code_of(struct req *r)
{
	struct str sent = form_value(r, STR("invite_code"));

	if (r->word.n)
		return r->word;
	return sent.p ? sent : form_value(r, STR("code"));
}

static const struct err *register_show(struct req *r)
{
	bool again = r->method != GET;
	struct str code = code_of(r), hash = crypto_hash_token(r->arena, code);
	struct pair values[] = { { STR("invite_code"), code },
				 { STR("email"), STR("") },
				 { { 0 }, { 0 } } };
	struct invite_offer *offer = NULL;
	struct code_offer *company = NULL;
	struct form_page page = { 0 };
	bool asks;

	if (code.n) {
		store_invite_find(r->tx, hash, &offer);
		store_code_find(r->tx, hash, &company);
	}
	TRY(tx_run(r->tx));
	if (offer ? !offer->usable : code.n && !again && !(company && company->usable))
		return code_spent(r);
	page.closed = !offer && str_eq(r->settings->registration, STR("closed"));
	asks = company || str_eq(r->settings->registration, STR("code"));
	if (company)
		page.plan = company->plan_label;
	if (offer) {
		page.joins = offer->account_name;
		page.joins_as = role_label(offer->role);
		values[1].value = offer->email;
	}
	page.form = form_view(r, &(struct form_settings){
					 .action = STR("/register"),
					 .button = offer ? "Join" : "Create account",
					 .input = &register_input,
					 .controls = offer  ? join_controls
						     : asks ? code_controls
							    : register_controls,
					 .values = values,
				 });
	return reply_page(r, &register_view, &page);
}

static const struct err *register_send(struct req *r)
{
	struct tokens tokens;
	struct me *me;

	TRY(act_register(r, r->input, &me, &tokens));
	tokens_set_cookies(r, &tokens);
	return reply_see_other(r, way_on(r, STR("/")));
}

/* ---- forgotten password ---- */

static const struct control forgot_controls[] = {
	{ "email", CONTROL_EMAIL, .autocomplete = "username" },
	{ 0 },
};
static const struct control reset_controls[] = {
	{ "token", .kind = CONTROL_HIDDEN },
	CHOSEN_PASSWORD,
	{ 0 },
};

static const struct err *forgot_show(struct req *r)
{
	struct form_page page = {
		.form = form_view(r, &(struct form_settings){ .action = STR("/forgot"),
							      .button = "Send the link",
							      .input = &forgot_input,
							      .controls = forgot_controls }),
	};

	TRY(tx_run(r->tx));
	return reply_page(r, &forgot_view, &page);
}

static const struct err *forgot_send(struct req *r)
{
	const struct forgot_form *form = r->input;

	TRY(act_forgot(r, form->email));
	return reply_page(
		r, &forgot_sent_view,
		&(struct sentence_page){ .email = form->email, .lifetime = STR("one hour") });
}

static const struct err *spent_link(struct req *r, const struct ticket *ticket, const char *href,
				    const char *link)
{
	return reply_page(
		r, &spent_view,
		&(struct sentence_page){
			.title = ticket ? STR("This link was used already")
					: STR("This link no longer works"),
			.message = ticket ? STR("Each link works once.")
					  : STR("It has expired, or it was not copied whole."),
			.href = str_of(href),
			.link = str_of(link),
		});
}

/* The token stands in the path of the mailed link, and in a hidden field from then on. */
static struct str token_of(struct req *r)
{
	return r->word.n ? r->word : form_value(r, STR("token"));
}

static const struct err *reset_show(struct req *r)
{
	struct str token = token_of(r);
	struct pair values[] = { { STR("token"), token }, { { 0 }, { 0 } } };
	struct form_page page = {
		.form = form_view(r, &(struct form_settings){ .action = STR("/reset"),
							      .button = "Set the password",
							      .input = &reset_input,
							      .controls = reset_controls,
							      .values = values }),
	};
	struct ticket *ticket = NULL;

	store_ticket_find(r->tx, crypto_hash_token(r->arena, token), "reset", &ticket);
	TRY(tx_run(r->tx));
	if (!ticket || ticket->used)
		return spent_link(r, ticket, "/forgot", "Ask for a new link");
	return reply_page(r, &reset_view, &page);
}

static const struct err *reset_send(struct req *r)
{
	TRY(act_reset(r, r->input));
	tokens_clear_cookies(r);
	people_flash(r, "Your password is set. Sign in with it.");
	return reply_see_other(r, STR("/login"));
}

/* ---- confirming an address ---- */

static const struct control verify_controls[] = { { "token", .kind = CONTROL_HIDDEN }, { 0 } };

static const struct err *verify_show(struct req *r)
{
	struct str token = token_of(r);
	struct pair values[] = { { STR("token"), token }, { { 0 }, { 0 } } };
	struct form_page page = {
		.form = form_view(r, &(struct form_settings){ .action = STR("/confirm"),
							      .button = "Yes, confirm it",
							      .input = &token_input,
							      .controls = verify_controls,
							      .values = values }),
	};
	struct ticket *ticket = NULL;

	store_ticket_find(r->tx, crypto_hash_token(r->arena, token), "verify", &ticket);
	TRY(tx_run(r->tx));
	if (!ticket || ticket->used)
		return spent_link(r, ticket, "/profile", "Go to your profile");
	page.email = ticket->email;
	return reply_page(r, &verify_view, &page);
}

static const struct err *verify_send(struct req *r)
{
	const struct token_form *form = r->input;

	TRY(act_verify(r, form->token));
	return reply_page(r, &verified_view, &(struct sentence_page){ 0 });
}

static const struct err *verify_again(struct req *r)
{
	struct password_row *row;

	store_password_of(r->tx, r->who->person, &row);
	TRY(tx_more(r->tx));
	act_send_verify(r, r->who->person, row->email);
	TRY(tx_run(r->tx));
	people_flash(r, "We sent you a new link. Check your e-mail.");
	return reply_see_other(r, STR("/profile"));
}

/* ---- the table ---- */

#define PROVEN_END                                                                                 \
	.need = PERM_SIGNED_IN, .input = &device_end_input, .pool = POOL_PASSWORD,                 \
	.rate = RATE_SIGN_IN

const struct route people_pages[] = {
	{ GET, "/login", .run = login_show },
	{ POST, "/login", .input = &login_input, .run = login_send, .again = login_show,
	  .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN },
	{ GET, "/login/code", .run = code_show },
	{ POST, "/login/code", .input = &code_input, .run = code_send, .again = code_show,
	  .rate = RATE_SIGN_IN },
	{ GET, "/login/recovery", .run = code_show },
	{ POST, "/login/recovery", .input = &recovery_input, .run = code_send, .again = code_show,
	  .rate = RATE_SIGN_IN },
	{ POST, "/logout", .run = logout },
	{ GET, "/register", .run = register_show },
	{ GET, "/join/*code", .run = register_show },
	{ GET, "/start/*code", .run = register_show },
	{ POST, "/register", .input = &register_input, .run = register_send, .again = register_show,
	  .pool = POOL_PASSWORD, .rate = RATE_REGISTER },
	{ GET, "/forgot", .run = forgot_show },
	{ POST, "/forgot", .input = &forgot_input, .run = forgot_send, .again = forgot_show,
	  .rate = RATE_SIGN_IN },
	{ GET, "/reset/*token", .run = reset_show },
	{ POST, "/reset", .input = &reset_input, .run = reset_send, .again = reset_show,
	  .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN },
	{ GET, "/confirm/*token", .run = verify_show },
	{ POST, "/confirm", .input = &token_input, .run = verify_send, .again = verify_show,
	  .rate = RATE_SIGN_IN },
	{ POST, "/confirm/send", .need = PERM_SIGNED_IN, .run = verify_again,
	  .rate = RATE_REGISTER },
	{ GET, "/profile", .need = PERM_SIGNED_IN, .run = profile_show },
	{ POST, "/profile", .need = PERM_SIGNED_IN, .input = &profile_input, .run = profile_save,
	  .again = profile_show },
	{ GET, "/profile/password", .need = PERM_SIGNED_IN, .run = password_show },
	{ POST, "/profile/password", .need = PERM_SIGNED_IN, .input = &change_input,
	  .run = password_save, .again = password_show, .pool = POOL_PASSWORD,
	  .rate = RATE_SIGN_IN },
	{ GET, "/devices", .need = PERM_SIGNED_IN, .run = devices_show },
	{ GET, "/devices/:device/end", .need = PERM_SIGNED_IN, .find = device_find,
	  .run = device_end_show },
	{ POST, "/devices/:device/end", PROVEN_END, .find = device_find, .run = device_end,
	  .again = device_end_show },
	{ GET, "/devices/end-others", .need = PERM_SIGNED_IN, .run = devices_end_show },
	{ POST, "/devices/end-others", PROVEN_END, .run = devices_end_others,
	  .again = devices_end_show },
	{ GET, "/events", .need = PERM_SIGNED_IN, .run = events_stream },
	{ GET, "/kept", .need = PERM_SIGNED_IN, .run = kept_show },
	{ POST, "/kept/discard", .need = PERM_SIGNED_IN, .run = kept_discard },
	{ 0 },
};
