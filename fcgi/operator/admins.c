/* super_admins and passwords, by the operator; see operator.h. */
#include "operator/operator.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "mail/mail.h"
#include "operator/store.h"
#include "people/people.h"
#include "record/record.h"

#define LINK_SECONDS (24 * 3600)

/* ---- passwords ---- */

static const struct err *hash(const struct operating *op, struct str password, struct str *ret)
{
	return password_hash(op->arena, password,
			     (struct password_cost){ (uint64_t)op->settings->argon2_passes,
						     (size_t)op->settings->argon2_kib * 1024 },
			     ret);
}

/* One that nobody knows stands in for it until the link is used. */
static const struct err *hash_given(const struct operating *op, const struct new_admin *wish,
				    struct str account, struct str *ret)
{
	const struct breached *list;
	const char *fault;

	if (!wish->password.p)
		return hash(op, crypto_token(op->arena), ret);
	TRY(settings_breached(op->arena, op->settings, &list));
	TRY(people_password_fault(op->arena, list, wish->password,
				  (struct owner){ wish->email, wish->name, account }, &fault));
	if (fault)
		return ERR(op->arena, ERR_INVALID, "%s", fault);
	return hash(op, wish->password, ret);
}

/* The links before it hold no more, nor do waits after wrong guesses. */
static struct str make_link(const struct operating *op, struct tx *tx, struct uuid person,
			    struct str email)
{
	struct str token = crypto_token(op->arena);

	operator_guesses_end(tx, crypto_hash_token(op->arena, str_lower(op->arena, email)));
	operator_tickets_end(tx, person);
	operator_ticket_add(tx, crypto_hash_token(op->arena, token), person, LINK_SECONDS);
	return str_fmt(op->arena, "%.*s/reset/%.*s", STR_ARG(op->settings->base_url),
		       STR_ARG(token));
}

/* ---- adding ---- */

/* Alone, who that is and where super_admins are. */
static const struct err *look_up(struct tx *tx, struct str email, struct home **home,
				 struct subject **subject)
{
	operator_alone(tx);
	operator_home(tx, home);
	operator_subject(tx, email, subject);
	return tx_more(tx);
}

static const struct err *check_wish(const struct operating *op, const struct new_admin *wish,
				    const struct home *home, const struct subject *subject)
{
	const char *fault = mail_check_address(wish->email);

	if (fault)
		return ERR(op->arena, ERR_INVALID, "%.*s: %s", STR_ARG(wish->email), fault);
	if (!wish->name.n || str_utf8_length(wish->name) > 120 || !str_is_utf8(wish->name))
		return ERR(op->arena, ERR_INVALID, "NAME has 1 to 120 characters");
	if (home && wish->account.p && !str_eq(wish->account, home->name))
		return ERR(op->arena, ERR_CONFLICT,
			   "the super_admins are in the account \"%.*s\"; leave --account out",
			   STR_ARG(home->name));
	if (subject && subject->role != ROLE_SUPER_ADMIN)
		return ERR(op->arena, ERR_CONFLICT,
			   "%.*s is a person of \"%.*s\"; a super_admin needs an address of "
			   "their own",
			   STR_ARG(subject->email), STR_ARG(subject->account_name));
	return NULL;
}

static struct home settle(struct tx *tx, const struct new_admin *wish, const struct home *found)
{
	struct home home = { crypto_uuid7(), wish->account.p ? wish->account : STR("Platform") };

	if (found)
		home = *found;
	operator_go_to(tx, home.account);
	if (!found)
		operator_home_make(tx, home.name);
	return home;
}

const struct err *admin_add(const struct operating *op, const struct new_admin *wish,
			    struct admin_added *ret)
{
	struct tx *tx = tx_new(op->arena, op->db);
	struct home *found, home;
	struct subject *subject;
	struct uuid id = crypto_uuid7();
	struct str secret, link = STR_NONE;

	TRY(look_up(tx, wish->email, &found, &subject));
	TRY(check_wish(op, wish, found, subject));
	if (subject && subject->active) {
		*ret = (struct admin_added){ .account = subject->account_name, .was_one = true };
		return NULL;
	}
	home = settle(tx, wish, found);
	TRY(hash_given(op, wish, home.name, &secret));
	if (subject)
		id = subject->id;
	if (subject)
		operator_admin_revive(tx, id, wish->name, secret);
	else
		operator_admin_insert(tx, id, wish->email, wish->name, secret);
	audit_by_operator(tx, op->who, "super_admin.added", "person", id,
			  audit_fact(op->arena, "email", wish->email));
	if (!wish->password.p)
		link = make_link(op, tx, id, wish->email);
	TRY(tx_run(tx));
	*ret = (struct admin_added){ .account = home.name, .link = link };
	return NULL;
}

/* ---- the others ---- */

const struct err *admin_list(const struct operating *op, struct list *ret)
{
	struct tx *tx = tx_new(op->arena, op->db);
	struct home *home;

	operator_home(tx, &home);
	TRY(tx_more(tx));
	operator_go_to(tx, home ? home->account : UUID_NONE);
	operator_admins(tx, ret);
	return tx_run(tx);
}

static void end_sign_ins(struct tx *tx, const struct subject *subject, const char *why)
{
	operator_sign_ins_end(tx, subject->id, why);
	event_bell(tx, subject->account);
}

const struct err *admin_remove(const struct operating *op, struct str email)
{
	struct tx *tx = tx_new(op->arena, op->db);
	struct home *home;
	struct subject *subject;
	struct removed *removed;

	TRY(look_up(tx, email, &home, &subject));
	if (!subject || subject->role != ROLE_SUPER_ADMIN || !subject->active)
		return ERR(op->arena, ERR_NOT_FOUND, "%.*s is no super_admin", STR_ARG(email));
	operator_go_to(tx, subject->account);
	operator_home_lock(tx);
	operator_admin_deactivate(tx, subject->id, &removed);
	TRY(tx_more(tx));
	if (!removed)
		return ERR(op->arena, ERR_CONFLICT,
			   "%.*s is the last super_admin; add another one first", STR_ARG(email));
	operator_tickets_end(tx, subject->id);
	audit_by_operator(tx, op->who, "super_admin.removed", "person", subject->id,
			  audit_fact(op->arena, "email", subject->email));
	end_sign_ins(tx, subject, "deactivated");
	return tx_run(tx);
}

static void tell_person(const struct operating *op, struct tx *tx, const struct subject *subject,
			bool second_factor)
{
	const char *also = second_factor ? " Your second factor was taken away, too." : "";

	mail_queue(tx,
		   &(struct mail){
			   .recipient = subject->email,
			   .subject = STR("Your password was reset"),
			   .text = str_fmt(op->arena,
					   "The operator of ResolutionFlow has reset your "
					   "password: the old one holds no more, and your "
					   "devices were signed out.%s\n\n"
					   "The operator has a link for you, by which you choose "
					   "a new one. Or ask for one yourself:\n\n"
					   "%.*s/forgot\n\n"
					   "If you did not ask for this, tell a team admin.\n",
					   also, STR_ARG(op->settings->base_url)),
		   });
	notice_add(tx, subject->account, subject->id,
		   second_factor
			   ? STR("The operator has reset your password and your second factor")
			   : STR("The operator has reset your password"),
		   "/devices");
}

const struct err *password_reset(const struct operating *op, struct str email, bool second_factor,
				 struct str *ret)
{
	struct tx *tx = tx_new(op->arena, op->db);
	struct home *home;
	struct subject *subject;
	struct str unknown, link;

	TRY(look_up(tx, email, &home, &subject));
	if (!subject || !subject->active)
		return ERR(op->arena, ERR_NOT_FOUND, "nobody who may sign in has the address %.*s",
			   STR_ARG(email));
	TRY(hash(op, crypto_token(op->arena), &unknown));
	operator_go_to(tx, subject->account);
	operator_password_set(tx, subject->id, unknown);
	link = make_link(op, tx, subject->id, subject->email);
	if (second_factor)
		operator_second_factor_end(tx, subject->id);
	audit_by_operator(tx, op->who, "person.password_reset", "person", subject->id,
			  audit_fact(op->arena, "second_factor",
				     second_factor ? STR("removed") : STR("kept")));
	tell_person(op, tx, subject, second_factor);
	end_sign_ins(tx, subject, "password_reset");
	TRY(tx_run(tx));
	*ret = link;
	return NULL;
}
