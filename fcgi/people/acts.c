/* Registering, signing in, passwords and addresses; see acts.h. */
#include "people/acts.h"

#include <assert.h>
#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/breached.h"
#include "kit/crypto/crypto.h"
#include "mail/mail.h"
#include "people/pages.h"
#include "people/second_factor.h"
#include "record/record.h"

#define RESET_SECONDS  3600
#define VERIFY_SECONDS (7 * 24 * 3600)

#define PASSWORD_LEAST 12
#define PASSWORD_MOST  128
#define NEW_PASSWORD   .min = PASSWORD_LEAST, .max = PASSWORD_MOST, .secret = true, .exact = true

const struct shape register_input =
	SHAPE(struct register_form,
	      F_STR(struct register_form, email, .min = 1, .max = 254, .label = "E-mail address",
		    .check = mail_check_address),
	      F_STR(struct register_form, password, NEW_PASSWORD, .label = "Password"),
	      F_STR(struct register_form, name, .min = 1, .max = 120, .label = "Your name"),
	      F_STR(struct register_form, account_name, .max = 120, .optional = true,
		    .label = "Company name"),
	      F_STR(struct register_form, invite_code, .max = 100, .optional = true,
		    .label = "Invite code"));
const struct shape login_input =
	SHAPE(struct login_form,
	      F_STR(struct login_form, email, .min = 1, .max = 254, .label = "E-mail address"),
	      F_STR(struct login_form, password, .min = 1, .max = PASSWORD_MAX, .secret = true,
		    .exact = true, .label = "Password"),
	      F_STR(struct login_form, next, .max = 2000, .optional = true));
const struct shape forgot_input =
	SHAPE(struct forgot_form, F_STR(struct forgot_form, email, .min = 1, .max = 254,
					.label = "E-mail address", .check = mail_check_address));
const struct shape reset_input =
	SHAPE(struct reset_form, F_STR(struct reset_form, token, .min = 1, .max = 100),
	      F_STR(struct reset_form, password, NEW_PASSWORD, .label = "New password"));
const struct shape change_input =
	SHAPE(struct change_form,
	      F_STR(struct change_form, current_password, .min = 1, .max = PASSWORD_MAX,
		    .secret = true, .exact = true, .label = "Current password"),
	      F_STR(struct change_form, password, NEW_PASSWORD, .label = "New password"));
const struct shape token_input =
	SHAPE(struct token_form, F_STR(struct token_form, token, .min = 1, .max = 100));

static struct password_cost cost(const struct req *r)
{
	return (struct password_cost){ .passes = (uint64_t)r->settings->argon2_passes,
				       .bytes = (size_t)r->settings->argon2_kib * 1024 };
}

static const char *guessing_fault(struct arena *a, struct str password, struct owner owner)
{
	const struct str known[] = { owner.email, owner.name, owner.account_name,
				     STR("ResolutionFlow") };
	const char *why = password_weakness(a, password, known, sizeof(known) / sizeof(known[0]));

	if (!why)
		return NULL;
	return str_fmt(a,
		       "This password is easy to guess: %s. Take a few words that nobody would "
		       "put together.",
		       why)
		.p;
}

const struct err *people_password_fault(struct arena *a, const struct breached *list,
					struct str password, struct owner owner, const char **ret)
{
	size_t n = str_utf8_length(password);
	bool stolen = false;

	*ret = "A password has 12 to 128 characters.";
	if (!str_is_utf8(password) || n < PASSWORD_LEAST || n > PASSWORD_MOST)
		return NULL;
	*ret = guessing_fault(a, password, owner);
	if (*ret || !list)
		return NULL;
	TRY(breached_has(a, list, password, &stolen));
	if (stolen)
		*ret = "This password is in a list of stolen ones, which attackers try first. "
		       "Take another one, and change it wherever else you use it.";
	return NULL;
}

static const struct err *hash_new(struct req *r, struct str password, struct owner owner,
				  struct str *ret)
{
	const char *fault;

	TRY(people_password_fault(r->arena, r->settings->breached, password, owner, &fault));
	if (fault)
		return input_refuse(r, "password", "%s", fault);
	return password_hash(r->arena, password, cost(r), ret);
}

static struct str link_to(struct req *r, const char *path, struct str token)
{
	return str_fmt(r->arena, "%.*s%s%.*s", STR_ARG(r->settings->base_url), path,
		       STR_ARG(token));
}

void act_send_verify(struct req *r, struct uuid person, struct str email)
{
	struct str token = crypto_token(r->arena);
	struct str url = link_to(r, "/confirm/", token);

	store_ticket_add(r->tx, crypto_hash_token(r->arena, token), person, "verify",
			 VERIFY_SECONDS);
	mail_queue(r->tx,
		   &(struct mail){
			   .recipient = email,
			   .subject = STR("Confirm your e-mail address"),
			   .text = str_fmt(
				   r->arena,
				   "Welcome to ResolutionFlow.\n\n"
				   "Open this link and press the button to confirm that this "
				   "address is yours:\n\n%.*s\n\n"
				   "The link holds for seven days. If you did not register, ignore "
				   "this mail.\n",
				   STR_ARG(url)),
		   });
}

/* ---- register ---- */

/* Whom a code lets in: a colleague into an account, or a company to the platform. */
struct way_in {
	struct str code_hash;        /* none: without a code */
	struct invite_offer *invite; /* an account's */
	struct code_offer *platform; /* the platform's */
};

static void find_way_in(struct req *r, const struct register_form *form, struct way_in *way)
{
	if (!form->invite_code.n)
		return;
	way->code_hash = crypto_hash_token(r->arena, form->invite_code);
	store_invite_find(r->tx, way->code_hash, &way->invite);
	store_code_find(r->tx, way->code_hash, &way->platform);
}

static bool registration_is(const struct req *r, const char *mode)
{
	return str_eq(r->settings->registration, str_of(mode));
}

/* Colleagues come by invite whatever the mode is; it says who may make a new account. */
static const struct err *check_way_in(struct req *r, const struct register_form *form,
				      const struct way_in *way)
{
	bool company = way->platform || !form->invite_code.n;

	if (!company)
		return NULL;
	if (registration_is(r, "closed"))
		return ERR_CODE(r->arena, ERR_FORBIDDEN, "registration_closed",
				"Registration is by invite only. Ask a team admin of your company "
				"for one.");
	if (!form->account_name.n)
		return input_refuse(r, "account_name", "Enter the name of your company%s.",
				    way->platform ? "" : ", or an invite code");
	if (!way->platform && registration_is(r, "code"))
		return input_refuse(r, "invite_code",
				    "Enter the code that you were given. Without one, ask whoever "
				    "told you of ResolutionFlow.");
	return NULL;
}

static const struct err *enter_by_invite(struct req *r, const struct way_in *way,
					 struct new_person *p, struct uuid *account,
					 enum role *role)
{
	struct invite_taken *taken;

	store_invite_take(r->tx, way->code_hash, p->email, &taken);
	TRY(tx_more(r->tx));
	*account = taken->account;
	*role = (enum role)taken->role;
	p->team = taken->team;
	p->invite = taken->invite;
	store_begin_as(r->tx, taken->account, p->id);
	return NULL;
}

static const struct err *make_account(struct req *r, const struct register_form *form,
				      const struct way_in *way, struct new_person *p,
				      struct uuid *account)
{
	struct code_taken *taken = NULL;

	if (way->platform) {
		store_code_take(r->tx, way->code_hash, &taken);
		TRY(tx_more(r->tx));
	}
	*account = crypto_uuid7();
	p->owner = true;
	p->team = crypto_uuid7();
	store_begin_as(r->tx, *account, p->id);
	store_account_add(r->tx, *account, form->account_name, taken);
	store_team_add(r->tx, p->team, STR("Everyone"));
	return NULL;
}

static const struct err *taken_address(struct req *r, const struct err *e)
{
	struct err *conflict;

	if (e->kind != ERR_CONFLICT || strcmp(err_code(e), "person_email") != 0)
		return e;
	(void)!input_refuse(r, "email",
			    "This address has an account already. Sign in, or reset its password.");
	conflict = ERR_CODE(r->arena, ERR_CONFLICT, "email_taken",
			    "This address has an account already.");
	return conflict;
}

const struct err *act_register(struct req *r, const struct register_form *form, struct me **ret,
			       struct tokens *tokens)
{
	struct new_person p = { .id = crypto_uuid7(), .email = form->email, .name = form->name };
	struct owner owner = { form->email, form->name, form->account_name };
	enum role role = ROLE_TEAM_ADMIN;
	struct way_in way = { 0 };
	const struct err *e;
	struct uuid account;

	find_way_in(r, form, &way);
	TRY(people_next_tx(r)); /* the rate first: hashing is dear */
	TRY(check_way_in(r, form, &way));
	if (way.invite)
		owner.account_name = way.invite->account_name;
	TRY(hash_new(r, form->password, owner, &p.password_hash));
	if (form->invite_code.n && !way.platform)
		TRY(enter_by_invite(r, &way, &p, &account, &role));
	else
		TRY(make_account(r, form, &way, &p, &account));
	p.role = names_text(&role_names, role);
	store_person_add(r->tx, &p);
	*tokens = tokens_start(r, account, p.id, role);
	act_send_verify(r, p.id, p.email);
	audit(r, "person.registered", "person", p.id, audit_nothing, audit_nothing);
	store_me(r->tx, p.id, ret);
	e = tx_run(r->tx);
	return e ? taken_address(r, e) : NULL;
}

/* ---- sign in ---- */

static struct str guess_key(struct req *r, struct str email)
{
	return crypto_hash_token(r->arena, str_lower(r->arena, str_trim(email)));
}

static const struct err *wrong_password(struct req *r, struct str guess,
					const struct credentials *whose)
{
	store_sign_in_wrong(r, guess, whose);
	TRY(tx_run(r->tx));
	return ERR_CODE(r->arena, ERR_SIGNED_OUT, "wrong_credentials",
			"This e-mail address and password do not belong together.");
}

/* Said to nobody but who knows the password, and so is one of its people. */
static const struct err *account_is_suspended(struct req *r, struct str guess)
{
	store_sign_in_right(r->tx, guess);
	TRY(tx_run(r->tx));
	return ERR_CODE(
		r->arena, ERR_FORBIDDEN, "account_suspended",
		"The account of your company is suspended, so nobody can sign in to it. Ask "
		"whoever runs this service.");
}

/* A hash of weaker parameters than today's is made anew while the password is at hand. */
static const struct err *refresh_hash(struct req *r, struct credentials *c, struct str password)
{
	struct str better;

	if (!password_is_stale(c->password_hash, cost(r)))
		return NULL;
	TRY(password_hash(r->arena, password, cost(r), &better));
	store_password_rehash(r->tx, c->person, better);
	c->password_hash = better;
	return NULL;
}

static void tell_new_device(struct req *r, const struct credentials *c)
{
	struct str agent = agent_label(r->arena, r->agent);

	store_notice_new_device(
		r->tx, c->person,
		&(struct device_notice){
			.agent = r->agent,
			.address = r->address,
			.text = str_fmt(r->arena, "New sign-in from %.*s", STR_ARG(agent)),
			.link = STR("/devices"),
		});
	event_bell(r->tx, c->account);
}

const struct err *act_password(struct req *r, struct str email, struct str password,
			       struct credentials **ret)
{
	struct str guess = guess_key(r, email);
	struct credentials *c = NULL;
	bool right;

	store_sign_in_find(r->tx, str_trim(email), guess, &c);
	TRY(people_next_tx(r));
	right = password_matches(r->arena, password, c ? c->password_hash : STR_NONE, cost(r));
	if (!right || !c)
		return wrong_password(r, guess, c);
	if (c->suspended)
		return account_is_suspended(r, guess);
	store_begin_as(r->tx, c->account, c->person);
	store_sign_in_check(r->tx, c->person, c->password_hash);
	store_sign_in_right(r->tx, guess);
	*ret = c;
	return refresh_hash(r, c, password);
}

/* The browser gets another sign-in, so that which it had goes. */
static void end_before(struct req *r, const struct credentials *c)
{
	struct str token = r->api ? STR_NONE : cookie_get(r, "refresh");

	if (!token.n)
		return;
	store_sign_out(r, crypto_hash_token(r->arena, token));
	store_begin_as(r->tx, c->account, c->person); /* it may have been somebody else's */
}

static const struct err *let_in(struct req *r, const struct credentials *c, struct json_text how,
				struct tokens *tokens)
{
	end_before(r, c);
	*tokens = tokens_start(r, c->account, c->person, (enum role)c->role);
	audit(r, "sign_in.started", "person", c->person, audit_nothing, how);
	tell_new_device(r, c);
	return tx_run(r->tx);
}

const struct err *act_enter(struct req *r, const struct credentials *c, struct tokens *tokens)
{
	store_factor_none(r->tx, c->person);
	return let_in(r, c, audit_nothing, tokens);
}

const struct err *act_enter_by_code(struct req *r, const struct credentials *c, struct str code,
				    struct tokens *tokens)
{
	const char *how;

	TRY(factor_prove(r, c, code, &how));
	return let_in(r, c, audit_fact(r->arena, "second_factor", str_of(how)), tokens);
}

const struct err *act_login(struct req *r, const struct login_try *try, struct tokens *tokens)
{
	struct credentials *c;

	TRY(act_password(r, try->email, try->password, &c));
	if (!c->factor.p)
		return act_enter(r, c, tokens);
	if (try->totp.n)
		return act_enter_by_code(r, c, try->totp, tokens);
	TRY(tx_run(r->tx));
	return ERR_CODE(r->arena, ERR_SIGNED_OUT, "totp_required",
			"Enter the code that your authenticator app shows as well.");
}

/* ---- passwords ---- */

/* To the owner, who may not be the one that did it. */
static void tell_changed(struct req *r, struct str email)
{
	mail_queue(r->tx,
		   &(struct mail){
			   .recipient = email,
			   .subject = STR("Your password was changed"),
			   .text = str_fmt(r->arena,
					   "The password of your ResolutionFlow account has "
					   "just been changed, and your "
					   "other devices were signed out.\n\nIf it was not "
					   "you, choose a new one at "
					   "once:\n\n%.*s/forgot\n\nYour API keys, if you have "
					   "any, go on working. Look them "
					   "through:\n\n%.*s/profile/keys\n",
					   STR_ARG(r->settings->base_url),
					   STR_ARG(r->settings->base_url)),
		   });
}

/* With it go the links that would set another, and the wait after wrong guesses. */
static void set_password(struct req *r, struct uuid person, struct str email, struct str hash)
{
	tell_changed(r, email);
	store_password_set(r->tx, person, hash);
	store_tickets_end(r->tx, person);
	store_sign_in_right(r->tx, guess_key(r, email));
}

const struct err *act_forgot(struct req *r, struct str email)
{
	struct str token = crypto_token(r->arena);
	struct str url = link_to(r, "/reset/", token);

	store_forgot(
		r->tx,
		&(struct forgotten){
			.address = email,
			.ticket_hash = crypto_hash_token(r->arena, token),
			.subject = STR("Choose a new password"),
			.lasts = RESET_SECONDS,
			.body = str_fmt(
				r->arena,
				"Someone, perhaps you, asked for a new password at "
				"ResolutionFlow.\n\nChoose it here within an hour:\n\n%.*s\n\n"
				"If it was not you, ignore this mail: your password stays as it "
				"is.\n",
				STR_ARG(url)),
		});
	mail_bell(r->tx);
	return tx_run(r->tx);
}

static void tell_password_changed(struct req *r, struct uuid account, struct uuid person)
{
	notice_add(r->tx, account, person, STR("Your password was changed"), "/devices");
}

const struct err *act_reset(struct req *r, const struct reset_form *form)
{
	struct str token_hash = crypto_hash_token(r->arena, form->token), hash = STR_NONE;
	struct ticket *ticket = NULL;
	struct ticket_used *used;

	store_ticket_find(r->tx, token_hash, "reset", &ticket);
	TRY(people_next_tx(r));
	if (ticket && !ticket->used)
		TRY(hash_new(r, form->password,
			     (struct owner){ ticket->email, ticket->name, ticket->account_name },
			     &hash));
	store_ticket_use(r->tx, token_hash, "reset", &used);
	TRY(tx_more(r->tx));
	assert(hash.p); /* a ticket does not come back */
	set_password(r, used->person, ticket->email, hash);
	/* Whoever can read the mail has proved the address too. */
	store_email_verified(r->tx, used->person);
	audit(r, "person.password_reset", "person", used->person, audit_nothing, audit_nothing);
	store_sign_ins_end(r->tx, used->person, UUID_NONE, "password_reset");
	tell_password_changed(r, used->account, used->person);
	return tx_run(r->tx);
}

/* Whoever finds a device unlocked may not guess on and on either. */
static const struct err *wrong_current(struct req *r, struct str guess)
{
	store_sign_in_wrong(r, guess, NULL);
	audit(r, "person.password_refused", "person", r->who->person, audit_nothing, audit_nothing);
	TRY(tx_run(r->tx));
	return input_refuse(r, "current_password", "This is not your current password.");
}

const struct err *act_prove_password(struct req *r, struct str password, struct password_row **ret)
{
	struct str guess = guess_key(r, uuid_str(&r->who->person));
	struct credentials *nobody;

	store_sign_in_find(r->tx, STR(""), guess, &nobody);
	store_password_of(r->tx, r->who->person, ret);
	TRY(people_next_tx(r));
	if (!password_matches(r->arena, password, (*ret)->password_hash, cost(r)))
		return wrong_current(r, guess);
	store_sign_in_check(r->tx, r->who->person, (*ret)->password_hash);
	store_sign_in_right(r->tx, guess);
	return NULL;
}

const struct err *people_prove_password(struct req *r, struct str password)
{
	struct password_row *row;

	return act_prove_password(r, password, &row);
}

const struct err *act_change(struct req *r, const struct change_form *form)
{
	struct str hash = STR_NONE;
	struct password_row *row;

	TRY(act_prove_password(r, form->current_password, &row));
	TRY(hash_new(r, form->password, (struct owner){ row->email, row->name, row->account_name },
		     &hash));
	set_password(r, r->who->person, row->email, hash);
	audit(r, "person.password_changed", "person", r->who->person, audit_nothing, audit_nothing);
	store_sign_ins_end(r->tx, r->who->person, r->who->sign_in, "password_changed");
	tell_password_changed(r, r->who->account, r->who->person);
	return tx_run(r->tx);
}

const struct err *act_verify(struct req *r, struct str token)
{
	struct ticket_used *used;

	store_ticket_use(r->tx, crypto_hash_token(r->arena, token), "verify", &used);
	TRY(tx_more(r->tx));
	store_email_verified(r->tx, used->person);
	audit(r, "person.email_verified", "person", used->person, audit_nothing, audit_nothing);
	return tx_run(r->tx);
}
