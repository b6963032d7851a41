#ifndef OPERATOR_STORE_H
#define OPERATOR_STORE_H

#include "operator/operator.h"

/* The rows of the operator room and its statements, one function each; private to the room. */

struct home {
	struct uuid account;
	struct str name;
};

struct subject {
	struct uuid account;
	struct str account_name;
	struct uuid id;
	struct str email, name;
	int role;
	bool active;
};

struct removed {
	struct uuid id;
};

void operator_alone(struct tx *t);
void operator_home(struct tx *t, struct home **ret);
/* NULL where nobody has the address; locks the row of who has it. */
void operator_subject(struct tx *t, struct str address, struct subject **ret);
/* Every statement below is about the account that this one has entered, as nobody. */
void operator_go_to(struct tx *t, struct uuid account);
void operator_home_make(struct tx *t, struct str name);
void operator_home_lock(struct tx *t);
void operator_admin_insert(struct tx *t, struct uuid id, struct str email, struct str name,
			   struct str password_hash);
void operator_admin_revive(struct tx *t, struct uuid id, struct str name, struct str password_hash);
void operator_admins(struct tx *t, struct list *ret);
/* NULL where there is no other. */
void operator_admin_deactivate(struct tx *t, struct uuid id, struct removed **ret);
void operator_sign_ins_end(struct tx *t, struct uuid person, const char *why);
void operator_tickets_end(struct tx *t, struct uuid person);
void operator_ticket_add(struct tx *t, struct str hash, struct uuid person, int64_t lasts);
void operator_password_set(struct tx *t, struct uuid person, struct str password_hash);
void operator_guesses_end(struct tx *t, struct str guess_key);
void operator_second_factor_end(struct tx *t, struct uuid person);

#endif
