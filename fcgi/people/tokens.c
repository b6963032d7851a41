/* Access and refresh tokens; see tokens.h. */
#include "people/tokens.h"

#include "kit/base/arena.h"
#include "accounts/accounts.h"
#include "kit/crypto/crypto.h"
#include "kit/crypto/jwt.h"
#include "people/pages.h"

const struct shape tokens_shape = SHAPE(
	struct tokens, F_STR(struct tokens, access_token), F_STR(struct tokens, refresh_token),
	F_STR(struct tokens, token_type), F_INT(struct tokens, expires_in));

static struct tokens make(struct req *r, const struct who *who, struct str refresh_token)
{
	struct instant now = clock_now();
	struct jwt_claims claims = {
		.user = who->person,
		.account = who->account,
		.sign_in = who->sign_in,
		.role = who->role,
		.issued = now,
		.expires = { now.us + r->settings->access_token_seconds * CLOCK_SECOND },
	};

	return (struct tokens){
		.access_token = jwt_sign(r->arena, &r->settings->keys.jwt, &claims),
		.refresh_token = refresh_token,
		.token_type = STR("bearer"),
		.expires_in = r->settings->access_token_seconds,
	};
}

struct tokens tokens_start(struct req *r, struct uuid account, struct uuid person, enum role role)
{
	struct who who = {
		.account = account, .person = person, .sign_in = crypto_uuid7(), .role = role
	};
	struct str refresh_token = crypto_token(r->arena);

	store_sign_in_add(r->tx, &(struct new_sign_in){
					 .id = who.sign_in,
					 .person = person,
					 .agent = r->agent,
					 .address = r->address,
					 .refresh_hash = crypto_hash_token(r->arena, refresh_token),
					 .lasts = r->settings->refresh_token_seconds,
				 });
	return make(r, &who, refresh_token);
}

/*
 * The successor is made of the token that it succeeds, by a key of ours: a browser whose answer was
 * lost on the way, or whose five tabs renewed at once, is given the same one again, and a thief
 * can't compute it.
 */
static struct str successor(struct req *r, struct str refresh_token)
{
	return crypto_mac(r->arena, r->settings->keys.refresh, refresh_token);
}

static struct str about_reuse(struct req *r)
{
	struct str agent = agent_label(r->arena, r->agent), base = r->settings->base_url;

	return str_fmt(r->arena,
		       "One of your devices has been signed out, because a key of its sign-in was "
		       "used a second time, from %.*s (%.*s). That happens when someone has copied "
		       "it, or when a device was set back to an older state.\n\n"
		       "If that was you, sign in again and all is well:\n\n%.*s/login\n\n"
		       "If not, choose a new password, which signs out all your devices:\n\n"
		       "%.*s/forgot\n",
		       STR_ARG(r->address), STR_ARG(agent), STR_ARG(base), STR_ARG(base));
}

const struct err *tokens_renew(struct req *r, struct str refresh_token, struct renewal **ret,
			       struct tokens *tokens)
{
	struct str next = successor(r, refresh_token);
	struct tx *tx = tx_new(r->arena, r->server->db);

	store_refresh(tx,
		      &(struct refresh_try){
			      .old_hash = crypto_hash_token(r->arena, refresh_token),
			      .new_hash = crypto_hash_token(r->arena, next),
			      .address = r->address,
			      .agent = r->agent,
			      .subject = STR("A sign-in was ended for your safety"),
			      .body = about_reuse(r),
			      .grace = r->settings->refresh_grace_seconds,
			      .lasts = r->settings->refresh_token_seconds,
		      },
		      ret);
	TRY(tx_run(tx));
	if (*ret && (*ret)->outcome != OUTCOME_REUSED) {
		struct who who = { .account = (*ret)->account,
				   .person = (*ret)->person,
				   .sign_in = (*ret)->sign_in,
				   .role = (enum role)(*ret)->role };

		*tokens = make(r, &who, next);
	}
	return NULL;
}

void tokens_set_cookies(struct req *r, const struct tokens *tokens)
{
	cookie_set(r, "access", tokens->access_token, r->settings->access_token_seconds);
	cookie_set(r, "refresh", tokens->refresh_token, r->settings->refresh_token_seconds);
}

void tokens_clear_cookies(struct req *r)
{
	cookie_set(r, "access", STR(""), 0);
	cookie_set(r, "refresh", STR(""), 0);
}
