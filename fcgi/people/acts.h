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

struct login_try {
	struct str email, password;
	struct str totp; /* of the app, or a recovery code; or none */
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
/* The first step of signing in; what comes next, (*ret)->factor says.  Its transaction has begun as
 * that person, and goes on with one of the two below or is run. */
const struct err *act_password(struct req *r, struct str email, struct str password,
			       struct credentials **ret) must_check;
/* The second: nothing more is needed, or the code of a second factor. */
const struct err *act_enter(struct req *r, const struct credentials *c,
			    struct tokens *tokens) must_check;
const struct err *act_enter_by_code(struct req *r, const struct credentials *c, struct str code,
				    struct tokens *tokens) must_check;
/* All of it at once: 401 totp_required where a code is needed and there is none. */
const struct err *act_login(struct req *r, const struct login_try *try,
			    struct tokens *tokens) must_check;
/* Whoever is signed in proves to be who signed in; 422 where not.  Begins another transaction,
 * which goes through only while that is still the password. */
const struct err *act_prove_password(struct req *r, struct str password,
				     struct password_row **ret) must_check;
const struct err *act_forgot(struct req *r, struct str email) must_check;
const struct err *act_reset(struct req *r, const struct reset_form *form) must_check;
const struct err *act_change(struct req *r, const struct change_form *form) must_check;
const struct err *act_verify(struct req *r, struct str token) must_check;
/* Mails a link that proves the address; in the account that the transaction has entered. */
void act_send_verify(struct req *r, struct uuid person, struct str email);

#endif
