/* The API of signing in: the JSON face of acts.h. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/keys.h"
#include "people/rates.h"

/* ---- resources ---- */

struct account_json {
	struct uuid id;
	struct str name, plan;
};

struct user_json {
	struct uuid id;
	struct str email, name;
	int role;
	struct account_json account;
	struct list flags; /* of the account: names of what is on */
	bool email_verified;
	struct instant created_at;
	const struct key_used *key; /* of /auth/me: by which one is signed in, if by one */
};

static const struct shape account_json =
	SHAPE(struct account_json, F_UUID(struct account_json, id),
	      F_STR(struct account_json, name), F_STR(struct account_json, plan));
static const struct shape used_json =
	SHAPE(struct key_used, F_UUID(struct key_used, id), F_STR(struct key_used, name),
	      F_LIST(struct key_used, permissions, &shape_texts),
	      F_TIME(struct key_used, expires_at, .null = true));
#define U struct user_json
#define USER_FIELDS                                                                                \
	F_UUID(U, id), F_STR(U, email), F_STR(U, name), F_ENUM(U, role, &role_names),              \
		F_OBJECT(U, account, struct account_json, &account_json),                          \
		F_LIST(U, flags, &shape_texts), F_BOOL(U, email_verified), F_TIME(U, created_at)
static const struct shape user_json = SHAPE_WITH(U, (.label = "User"), USER_FIELDS);
static const struct shape key_user_json =
	SHAPE(U, USER_FIELDS, F_REF(U, key, struct key_used, &used_json));
static const struct shape *const user_kinds[] = { &user_json, &key_user_json, NULL };

static size_t kind_of_user(const void *user)
{
	return ((const struct user_json *)user)->key != NULL;
}

static const struct shape me_json =
	SHAPE_WITH(U, (.variant = kind_of_user, .variants = user_kinds), USER_FIELDS);

struct registered_json {
	struct user_json user;
	struct str access_token, refresh_token, token_type;
	int64_t expires_in;
};

static const struct shape registered_json = SHAPE(
	struct registered_json,
	F_OBJECT(struct registered_json, user, struct user_json, &user_json),
	F_STR(struct registered_json, access_token), F_STR(struct registered_json, refresh_token),
	F_STR(struct registered_json, token_type), F_INT(struct registered_json, expires_in));

static struct user_json user_of(struct req *r, const struct me *me)
{
	return (struct user_json){
		.id = me->id,
		.email = me->email,
		.name = me->name,
		.role = me->role,
		.account = { me->account, me->account_name, me->plan },
		.flags = flags_names(r->arena, r->server->flags, me->account),
		.email_verified = me->email_verified,
		.created_at = me->created_at,
	};
}

/* ---- inputs that the pages have in another form ---- */

struct login_form_api {
	struct str username, password, totp;
};

struct refresh_json {
	struct str refresh_token;
};

static const struct shape login_form_api =
	SHAPE(struct login_form_api, F_STR(struct login_form_api, username, .min = 1, .max = 254),
	      F_STR(struct login_form_api, password, .min = 1, .max = PASSWORD_MAX, .secret = true,
		    .exact = true),
	      F_STR(struct login_form_api, totp, .max = 100, .optional = true, .secret = true));
static const struct shape login_json =
	SHAPE(struct login_try, F_STR(struct login_try, email, .min = 1, .max = 254),
	      F_STR(struct login_try, password, .min = 1, .max = PASSWORD_MAX, .secret = true,
		    .exact = true),
	      F_STR(struct login_try, totp, .max = 100, .optional = true, .secret = true));
static const struct shape refresh_json =
	SHAPE(struct refresh_json,
	      F_STR(struct refresh_json, refresh_token, .min = 1, .max = 200, .secret = true));

/* ---- handlers ---- */

static const struct err *api_register(struct req *r)
{
	struct registered_json answer;
	struct tokens tokens;
	struct me *me;

	TRY(act_register(r, r->input, &me, &tokens));
	answer = (struct registered_json){ .access_token = tokens.access_token,
					   .refresh_token = tokens.refresh_token,
					   .token_type = tokens.token_type,
					   .expires_in = tokens.expires_in };
	answer.user = user_of(r, me);
	return reply_json(r, &registered_json, &answer);
}

static const struct err *reply_tokens(struct req *r, const struct tokens *tokens)
{
	return reply_json(r, &tokens_shape, tokens);
}

static const struct err *api_login_form(struct req *r)
{
	const struct login_form_api *form = r->input;
	struct tokens tokens;

	TRY(act_login(r, &(struct login_try){ form->username, form->password, form->totp },
		      &tokens));
	return reply_tokens(r, &tokens);
}

static const struct err *api_login_json(struct req *r)
{
	struct tokens tokens;

	TRY(act_login(r, r->input, &tokens));
	return reply_tokens(r, &tokens);
}

static const struct err *api_refresh(struct req *r)
{
	const struct refresh_json *form = r->input;
	struct renewal *renewal = NULL;
	struct tokens tokens;

	TRY(tx_run(r->tx));
	TRY(tokens_renew(r, form->refresh_token, &renewal, &tokens));
	if (renewal && renewal->outcome == OUTCOME_RACED)
		return ERR_CODE(r->arena, ERR_CONFLICT, "refresh_raced",
				"Another request has just renewed this sign-in. Use its tokens.");
	if (!renewal || renewal->outcome == OUTCOME_REUSED)
		return ERR(r->arena, ERR_SIGNED_OUT, "This sign-in has ended. Sign in again.");
	return reply_tokens(r, &tokens);
}

static const struct err *api_me(struct req *r)
{
	struct key_used *key = NULL;
	struct user_json user;
	struct me *me;

	store_me(r->tx, r->who->person, &me);
	if (r->who->by_key)
		store_key_used(r->tx, r->who->sign_in, &key);
	TRY(tx_run(r->tx));
	user = user_of(r, me);
	user.key = key;
	return reply_json(r, &me_json, &user);
}

static const struct err *api_logout(struct req *r)
{
	const struct refresh_json *form = r->input;

	store_sign_out(r, crypto_hash_token(r->arena, form->refresh_token));
	TRY(tx_run(r->tx));
	tokens_clear_cookies(r);
	return reply_none(r);
}

static const struct err *api_forgot(struct req *r)
{
	const struct forgot_form *form = r->input;

	TRY(act_forgot(r, form->email));
	r->reply.status = 202;
	return NULL;
}

static const struct err *api_reset(struct req *r)
{
	TRY(act_reset(r, r->input));
	return reply_none(r);
}

static const struct err *api_change(struct req *r)
{
	TRY(act_change(r, r->input));
	return reply_none(r);
}

static const struct err *api_verify(struct req *r)
{
	const struct token_form *form = r->input;

	TRY(act_verify(r, form->token));
	return reply_none(r);
}

#define AUTH "/api/v1/auth/"

const struct route people_api[] = {
	{ POST, AUTH "register", .input = &register_input, .run = api_register,
	  .pool = POOL_PASSWORD, .rate = RATE_REGISTER, .output = &registered_json, .status = 201,
	  .about = "Register a new account, or join one by an invite" },
	{ POST, AUTH "login", .input = &login_form_api, .run = api_login_form,
	  .pool = POOL_PASSWORD, .form = true, .rate = RATE_SIGN_IN, .output = &tokens_shape,
	  .about = "Sign in by a form; totp as in login/json" },
	{ POST, AUTH "login/json", .input = &login_json, .run = api_login_json,
	  .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN, .output = &tokens_shape,
	  .about = "Sign in; totp, the code of the authenticator app or a recovery code, where "
		   "there is a second factor: else 401 totp_required, and 401 wrong_totp" },
	{ POST, AUTH "refresh", .input = &refresh_json, .run = api_refresh, .output = &tokens_shape,
	  .about = "Spend a refresh token for new tokens" },
	{ GET, AUTH "me", .need = PERM_SIGNED_IN, .run = api_me, .output = &me_json,
	  .about = "Who is signed in, and by which key if by one" },
	{ POST, AUTH "logout", .input = &refresh_json, .run = api_logout, .status = 204,
	  .about = "Sign out: ends the refresh token's sign-in" },
	{ POST, AUTH "password/forgot", .input = &forgot_input, .run = api_forgot,
	  .rate = RATE_SIGN_IN, .status = 202, .about = "Ask for a link to set a new password" },
	{ POST, AUTH "password/reset", .input = &reset_input, .run = api_reset,
	  .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN, .status = 204,
	  .about = "Set a new password by the mailed token" },
	{ POST, AUTH "password/change", .need = PERM_SIGNED_IN, .input = &change_input,
	  .run = api_change, .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN, .status = 204,
	  .about = "Change one's own password" },
	{ POST, AUTH "email/verify", .input = &token_input, .run = api_verify, .rate = RATE_SIGN_IN,
	  .status = 204, .about = "Confirm an e-mail address by the mailed token" },
	{ 0 },
};
