/* Turning a second factor on and off, proving it, taking it away; see second_factor.h. */
#include "people/second_factor.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/crypto/totp.h"
#include "mail/mail.h"
#include "record/record.h"

#define PAGE        "/profile/second-factor"
#define TRIES_ALARM 10 /* from here on guesses wait, and the owner hears of them */

/* ---- what its owner is told, who may not be the one that did it ---- */

enum news { NEWS_ON, NEWS_OFF, NEWS_CODES, NEWS_USED, NEWS_RESET, NEWS_GUESSED };

static const struct {
	const char *title, *text;
} news[] = {
	[NEWS_ON] = { "Your second factor is on",
		      "Signing in to ResolutionFlow now takes a code of your authenticator app "
		      "beside your password. Keep your recovery codes where you find them without "
		      "your phone." },
	[NEWS_OFF] = { "Your second factor is off",
		       "Signing in to ResolutionFlow takes no code any more: your password is "
		       "enough." },
	[NEWS_CODES] = { "You have new recovery codes",
			 "New recovery codes were made for your sign-in to ResolutionFlow. The old "
			 "ones no longer work." },
	[NEWS_USED] = { "A recovery code was used",
			"One of your recovery codes for ResolutionFlow was used in place of a code "
			"of your app. Each works once; your profile says how many are left." },
	[NEWS_RESET] = { "Your second factor was reset",
			 "A team admin of your account took your second factor away and signed out "
			 "all your devices. Sign in with your password, then set it up again in "
			 "your profile." },
	[NEWS_GUESSED] = { "Wrong codes at your sign-in",
			   "Somebody who knows your password has entered ten wrong codes in a row. "
			   "None of them opened your account." },
};

static void tell(struct req *r, const struct credentials *c, enum news what)
{
	struct str title = str_of(news[what].title);

	notice_add(r->tx, c->account, c->person, title, PAGE);
	mail_queue(r->tx,
		   &(struct mail){
			   .recipient = c->email,
			   .subject = title,
			   .text = str_fmt(r->arena,
					   "%s\n\nIf it was not you, choose a new password at "
					   "once, and tell a team admin of your account:\n\n"
					   "%.*s/forgot\n",
					   news[what].text, STR_ARG(r->settings->base_url)),
		   });
}

static void record(struct req *r, const char *action, struct uuid person)
{
	audit(r, action, "person", person, audit_nothing, audit_nothing);
}

/* ---- proving it ---- */

static struct str guess_key_of(struct req *r, struct uuid person)
{
	return crypto_hash_token(r->arena, str_fmt(r->arena, "totp %s", person.text));
}

/* Leaves *found alone where no code can be what was typed. */
static void queue_take(struct req *r, const struct credentials *c, const struct code *code,
		       struct found_row **found)
{
	struct str secret = factor_open(r->arena, r->settings, c->person, c->factor);
	int64_t step = totp_find(r->arena, secret, code->text, clock_now());

	if (code->kind == CODE_RECOVERY)
		store_recovery_take(r->tx, c->person, crypto_hash_token(r->arena, code->text),
				    found);
	else if (code->kind == CODE_APP && step)
		store_factor_take(r->tx, c->person, c->factor, step,
				  factor_seal(r->arena, r->settings, c->person, secret), found);
}

/* *how: what proved it; NULL where nothing did, which is on record then. */
static const struct err *prove(struct req *r, const struct credentials *c, struct str typed,
			       const char **how)
{
	struct code code = code_read(r->arena, typed);
	struct str guess = guess_key_of(r, c->person);
	struct found_row *found = NULL;
	struct count_row *tries;

	store_code_try(r->tx, guess, &tries);
	TRY(people_next_tx(r));
	store_begin_as(r->tx, c->account, c->person);
	store_sign_in_check(r->tx, c->person, c->password_hash);
	queue_take(r, c, &code, &found);
	TRY(tx_more(r->tx));
	if (!found) {
		*how = NULL;
		record(r, "second_factor.refused", c->person);
		if (tries->n == TRIES_ALARM)
			tell(r, c, NEWS_GUESSED);
		return tx_run(r->tx);
	}
	*how = code.kind == CODE_APP ? "app" : "recovery code";
	store_sign_in_right(r->tx, guess);
	if (code.kind == CODE_RECOVERY) {
		record(r, "recovery_code.used", c->person);
		tell(r, c, NEWS_USED);
	}
	return NULL;
}

static const struct err *refuse_code(struct req *r)
{
	return input_refuse(r, "totp",
			    "This is not the code that your app shows now, or it was used already. "
			    "Wait for the next one, then enter that.");
}

const struct err *factor_prove(struct req *r, const struct credentials *c, struct str typed,
			       const char **how)
{
	TRY(prove(r, c, typed, how));
	if (*how)
		return NULL;
	(void)!refuse_code(r);
	return ERR_CODE(r->arena, ERR_SIGNED_OUT, "wrong_totp",
			"This code does not fit, or it was used already.");
}

/* ---- by whoever is signed in ---- */

static const struct err *not_on(struct req *r)
{
	return ERR_CODE(r->arena, ERR_CONFLICT, "totp_off", "There is no second factor to change.");
}

static const struct err *already_on(struct req *r)
{
	return ERR_CODE(r->arena, ERR_CONFLICT, "totp_on",
			"Your second factor is on already. Turn it off first.");
}

/* The password, and what there is of a factor. */
static const struct err *meet(struct req *r, const struct proof_form *form,
			      struct factor_row **factor, struct credentials *ret)
{
	struct password_row *row;

	store_factor(r->tx, r->who->person, factor);
	TRY(act_prove_password(r, form->current_password, &row));
	*ret = (struct credentials){ .account = r->who->account,
				     .person = r->who->person,
				     .email = row->email,
				     .password_hash = row->password_hash,
				     .factor = (*factor)->secret };
	return NULL;
}

static const struct err *prove_both(struct req *r, const struct proof_form *form,
				    struct credentials *c)
{
	const char *how;

	TRY(prove(r, c, form->totp, &how));
	return how ? NULL : refuse_code(r);
}

static struct list give_codes(struct req *r, struct uuid person)
{
	struct list codes = codes_new(r->arena);

	store_recovery_set(r->tx, person, codes_hashed(r->arena, codes));
	return codes;
}

const struct err *factor_begin(struct req *r, struct str *secret)
{
	struct uuid person = r->who->person;
	struct found_row *begun;

	*secret = totp_secret(r->arena);
	store_factor_begin(r->tx, person, factor_seal(r->arena, r->settings, person, *secret),
			   &begun);
	TRY(tx_run(r->tx));
	return begun ? NULL : already_on(r);
}

const struct err *factor_confirm(struct req *r, const struct proof_form *form, struct list *codes)
{
	struct factor_row *factor;
	struct found_row *confirmed;
	struct credentials c;
	int64_t step;

	TRY(meet(r, form, &factor, &c));
	if (factor->since.us)
		return already_on(r);
	if (!factor->secret.p)
		return ERR_CODE(r->arena, ERR_CONFLICT, "totp_not_begun",
				"Begin first: there is no secret yet.");
	step = totp_find(r->arena, factor_open(r->arena, r->settings, c.person, c.factor),
			 code_read(r->arena, form->totp).text, clock_now());
	if (!step)
		return refuse_code(r);
	store_factor_confirm(r->tx, c.person, c.factor, step, &confirmed);
	TRY(tx_more(r->tx));
	if (!confirmed)
		return already_on(r);
	*codes = give_codes(r, c.person);
	record(r, "second_factor.turned_on", c.person);
	tell(r, &c, NEWS_ON);
	return tx_run(r->tx);
}

const struct err *factor_new_codes(struct req *r, const struct proof_form *form, struct list *codes)
{
	struct factor_row *factor;
	struct credentials c;

	TRY(meet(r, form, &factor, &c));
	if (!factor->since.us)
		return not_on(r);
	TRY(prove_both(r, form, &c));
	*codes = give_codes(r, c.person);
	record(r, "recovery_codes.made", c.person);
	tell(r, &c, NEWS_CODES);
	return tx_run(r->tx);
}

const struct err *factor_off(struct req *r, const struct proof_form *form)
{
	struct factor_row *factor;
	struct credentials c;

	TRY(meet(r, form, &factor, &c));
	if (!factor->since.us)
		return not_on(r);
	if (factor->required)
		return ERR_CODE(r->arena, ERR_CONFLICT, "second_factor_required",
				"Your account asks everyone for a second factor, so it stays on.");
	TRY(prove_both(r, form, &c));
	store_factor_clear(r->tx, c.person);
	record(r, "second_factor.turned_off", c.person);
	tell(r, &c, NEWS_OFF);
	return tx_run(r->tx);
}

/* ---- by a team admin ---- */

const struct err *factor_reset(struct req *r, struct uuid person)
{
	struct holder_row *holder;
	struct credentials c = { .account = r->who->account, .person = person };

	store_factor_holder(r->tx, person, &holder);
	TRY(tx_more(r->tx));
	if (!holder)
		return ERR(r->arena, ERR_NOT_FOUND, "There is nobody of that id.");
	if (uuid_eq(person, r->who->person))
		return ERR_CODE(r->arena, ERR_CONFLICT, "own_second_factor",
				"Turn off your own in your profile.");
	if (!holder->since.us)
		return not_on(r);
	c.email = holder->email;
	store_factor_clear(r->tx, person);
	store_sign_ins_end(r->tx, person, UUID_NONE, "second_factor_reset");
	record(r, "second_factor.reset", person);
	tell(r, &c, NEWS_RESET);
	return tx_run(r->tx);
}

static struct json_text required_fact(struct req *r, bool required)
{
	return audit_fact(r->arena, "second_factor", required ? STR("required") : STR("optional"));
}

/* Open streams of those who lack one end with it, and come back to be judged anew. */
static void judge_streams_anew(struct req *r)
{
	event(r->tx, r->who->account,
	      &(struct event){ .topic = "sign_in",
			       .type = "stream_end",
			       .payload = { STR("{\"why\":\"second_factor\"}") } });
}

const struct err *factor_require(struct req *r, bool required)
{
	struct security_row *was;

	store_security(r->tx, r->who->person, &was);
	TRY(tx_more(r->tx));
	if (required && !was->own)
		return ERR_CODE(r->arena, ERR_CONFLICT, "own_second_factor_first",
				"Set up your own second factor first: without one you would lock "
				"yourself out of this page.");
	if (was->required != required) {
		store_security_require(r->tx, required);
		audit(r, "account.security_changed", "account", r->who->account,
		      required_fact(r, was->required), required_fact(r, required));
		judge_streams_anew(r);
	}
	return NULL;
}
