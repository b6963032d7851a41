#ifndef PEOPLE_ACTS_H
#define PEOPLE_ACTS_H

#include "people/tokens.h"

/* What can be done around signing in; the pages and the API are two faces of these. */

/* Of what is compared, not chosen: rules for new passwords are not for old ones. */
#define PASSWORD_MAX 10000

struct register_form {
	struct str email, password, name, account_name, invite_code;
};

struct login_form {
	struct str email, password, next;
};

struct forgot_form {
	struct str email;
};

struct reset_form {
	struct str token, password;
};

struct change_form {
	struct str current_password, password;
};

struct token_form {
	struct str token;
};

extern const struct shape register_input, login_input, forgot_input, reset_input, change_input,
	token_input;

const struct err *act_register(struct req *r, const struct register_form *form, struct me **ret,
			       struct tokens *tokens) must_check;
const struct err *act_login(struct req *r, struct str email, struct str password,
			    struct tokens *tokens) must_check;
const struct err *act_forgot(struct req *r, struct str email) must_check;
const struct err *act_reset(struct req *r, const struct reset_form *form) must_check;
/*
 * Proves that it is the very person who asks, not whoever found the device unlocked: before what
 * would outlast the sign-in.  The transaction goes on with the person's row locked.
 */
const struct err *act_confirm(struct req *r, struct str current_password,
			      struct password_row **ret) must_check;
const struct err *act_change(struct req *r, const struct change_form *form) must_check;
const struct err *act_verify(struct req *r, struct str token) must_check;
/* Mails a link that proves the address; in the account that the transaction has entered. */
void act_send_verify(struct req *r, struct uuid person, struct str email);

#endif
