/* The operator room's statements; see store.h and store.sql. */
#include "operator/store.h"

#include "mail/mail.h"
#include "people/people.h"
#include "record/record.h"

#define H struct home
#define S struct subject
#define A struct admin_row
static const struct shape home_shape = SHAPE(H, F_UUID(H, account), F_STR(H, name));
static const struct shape subject_shape =
	SHAPE(S, F_UUID(S, account), F_STR(S, account_name), F_UUID(S, id), F_STR(S, email),
	      F_STR(S, name), F_ENUM(S, role, &role_names), F_BOOL(S, active));
const struct shape admin_shape =
	SHAPE(A, F_STR(A, email), F_STR(A, name), F_BOOL(A, active), F_STR(A, account),
	      F_TIME(A, created_at), F_TIME(A, last_seen, .null = true), F_BOOL(A, second_factor));
static const struct shape id_shape = SHAPE(struct removed, F_UUID(struct removed, id));
#undef H
#undef S
#undef A

#include "fcgi/operator/store.sql.h"

const struct sql *const *const operator_lists[] = { operator_statements, mail_statements,
						    record_statements, NULL };

void operator_alone(struct tx *t)
{
	tx_exec(t, &sql_alone);
}

void operator_home(struct tx *t, struct home **ret)
{
	tx_maybe(t, &sql_home, ret);
}

void operator_subject(struct tx *t, struct str address, struct subject **ret)
{
	tx_maybe(t, &sql_subject, ret, P(address));
}

void operator_go_to(struct tx *t, struct uuid account)
{
	tx_exec(t, &sql_go_to, P(account));
}

void operator_home_make(struct tx *t, struct str name)
{
	tx_exec(t, &sql_home_make, P(name));
}

void operator_home_lock(struct tx *t)
{
	tx_exec(t, &sql_home_lock);
}

void operator_admin_insert(struct tx *t, struct uuid id, struct str email, struct str name,
			   struct str password_hash)
{
	tx_exec(t, &sql_admin_insert, P(id), P(email), P(name), P(password_hash));
}

void operator_admin_revive(struct tx *t, struct uuid id, struct str name, struct str password_hash)
{
	tx_exec(t, &sql_admin_revive, P(id), P(name), P(password_hash));
}

void operator_admins(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_admins, ret);
}

void operator_admin_deactivate(struct tx *t, struct uuid id, struct removed **ret)
{
	tx_maybe(t, &sql_admin_deactivate, ret, P(id));
}

void operator_sign_ins_end(struct tx *t, struct uuid person, const char *why)
{
	tx_exec(t, &sql_sign_ins_end, P(person), P(str_of(why)));
}

void operator_tickets_end(struct tx *t, struct uuid person)
{
	tx_exec(t, &sql_tickets_end, P(person));
}

void operator_ticket_add(struct tx *t, struct str hash, struct uuid person, int64_t lasts)
{
	tx_exec(t, &sql_ticket_add, P(hash), P(person), P(lasts));
}

void operator_password_set(struct tx *t, struct uuid person, struct str password_hash)
{
	tx_exec(t, &sql_password_set, P(person), P(password_hash));
}

void operator_guesses_end(struct tx *t, struct str guess_key)
{
	tx_exec(t, &sql_guesses_end, P(guess_key));
}

void operator_second_factor_end(struct tx *t, struct uuid person)
{
	tx_exec(t, &sql_second_factor_end, P(person));
}
