/* Who asks, and whether the request really comes from a page of ours. */
#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/crypto/jwt.h"
#include "kit/http/fcgi.h"
#include "people/key_identify.h"
#include "people/pages.h"
#include "people/rates.h"
#include "people/tokens.h"

static struct who *who_of_claims(struct req *r, const struct jwt_claims *claims, bool by_cookie)
{
	struct who *who = ARENA_NEW(r->arena, struct who);

	*who = (struct who){ .account = claims->account,
			     .person = claims->user,
			     .sign_in = claims->sign_in,
			     .role = (enum role)claims->role,
			     .by_cookie = by_cookie };
	return who;
}

/* A bearer token speaks alone: where there is one, cookies are not looked at. */
static const struct err *by_bearer(struct req *r, bool *is)
{
	struct str header = req_header(r, "HTTP_AUTHORIZATION");
	struct str scheme = str_cut(&header, ' '), token = str_trim(header);
	struct jwt_claims claims;

	*is = str_eq_nocase(scheme, STR("Bearer"));
	if (!*is)
		return NULL;
	if (key_is(token))
		return key_identify(r, token);
	if (jwt_check_known(r->server->tokens, r->arena, &r->settings->keys.jwt, token, &claims))
		r->who = who_of_claims(r, &claims, false);
	return NULL;
}

static const struct err *by_refresh_cookie(struct req *r)
{
	struct str token = cookie_get(r, "refresh");
	struct renewal *renewal = NULL;
	struct tokens tokens;

	if (!token.n)
		return NULL;
	TRY(tokens_renew(r, token, &renewal, &tokens));
	if (!renewal || renewal->outcome == OUTCOME_REUSED) {
		tokens_clear_cookies(r);
		return NULL;
	}
	tokens_set_cookies(r, &tokens);
	r->who = ARENA_NEW(r->arena, struct who);
	*r->who = (struct who){ .account = renewal->account,
				.person = renewal->person,
				.sign_in = renewal->sign_in,
				.role = (enum role)renewal->role,
				.by_cookie = true };
	return NULL;
}

const struct err *people_identify(struct req *r)
{
	struct jwt_claims claims;
	struct str access;
	bool bearer;

	if (r->route->anonymous)
		return NULL;
	TRY(by_bearer(r, &bearer));
	if (bearer)
		return NULL;
	access = cookie_get(r, "access");
	if (access.n &&
	    jwt_check_known(r->server->tokens, r->arena, &r->settings->keys.jwt, access, &claims))
		r->who = who_of_claims(r, &claims, true);
	else
		TRY(by_refresh_cookie(r));
	r->csrf_seed = r->who ? str_of(r->who->sign_in.text) : cookie_get(r, "anon");
	return NULL;
}

bool flag_on(const struct req *r, enum flag flag)
{
	const struct who *who = r->who;

	return flags_on(r->server->flags, flag,
			!who       ? UUID_NONE
			: who->row ? who->row->here
				   : who->account);
}

void people_forget(struct req *r)
{
	if (r->who && r->who->by_cookie)
		tokens_clear_cookies(r);
	r->who = NULL;
	r->csrf_seed = cookie_get(r, "anon");
}

/* What the browser itself says of where the request comes from; old browsers say nothing. */
static bool from_elsewhere(const struct req *r)
{
	struct str site = req_header(r, "HTTP_SEC_FETCH_SITE"),
		   origin = req_header(r, "HTTP_ORIGIN");

	if (site.n)
		return !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"));
	return origin.n && !str_eq(origin, STR("null")) && !str_eq(origin, r->settings->base_url);
}

/* Marks the forms of pages that show an account which is looked into. */
#define INSIDE "inside."

struct str people_csrf_token(struct req *r)
{
	struct str mac = crypto_mac(r->arena, r->settings->keys.csrf, r->csrf_seed);
	bool inside = r->who && r->who->row && people_is_inside(r);

	return inside ? str_fmt(r->arena, INSIDE "%.*s", STR_ARG(mac)) : mac;
}

static struct str sent_token(const struct req *r)
{
	struct str sent = form_value(r, STR("csrf"));

	return sent.p ? sent : req_header(r, "HTTP_X_CSRF_TOKEN");
}

static bool is_from_inside(const struct req *r)
{
	return str_starts(sent_token(r), STR(INSIDE));
}

/* What is one's own, leaving above all, is changed from there, too. */
static const struct err *check_place(struct req *r)
{
	if (!is_from_inside(r) || permission_at_home((enum permission)r->route->need))
		return NULL;
	return ERR_CODE(r->arena, ERR_FORBIDDEN, "read_only",
			"This form is of a page of another account, which you looked into. Nothing "
			"was changed.");
}

const struct err *people_check_csrf(struct req *r)
{
	bool unharmed = r->method == GET || r->route->anonymous || (r->who && !r->who->by_cookie) ||
			(r->api && !r->who);
	struct str sent = sent_token(r);

	if (unharmed)
		return NULL;
	if (is_from_inside(r))
		sent = str_skip(sent, sizeof(INSIDE) - 1);
	if (!from_elsewhere(r) && r->csrf_seed.n &&
	    crypto_equal(sent, crypto_mac(r->arena, r->settings->keys.csrf, r->csrf_seed)))
		return check_place(r);
	return ERR_CODE(r->arena, ERR_FORBIDDEN, "csrf",
			"This form did not come from a page of ours, or it is too old. Go back, "
			"reload the page and "
			"send it again.");
}

static void queue_rate(struct req *r, struct tx *tx, enum rate rate)
{
	const struct {
		const char *name;
		int64_t most;
	} classes[RATE__MAX] = {
		[RATE_SIGN_IN] = { "sign_in", r->settings->rate_sign_in },
		[RATE_REGISTER] = { "register", r->settings->rate_register },
		[RATE_KEEP] = { "keep", r->settings->rate_sign_in },
		[RATE_VERIFY] = { "verify", r->settings->rate_sign_in },
		[RATE_UNSUBSCRIBE] = { "unsubscribe", r->settings->rate_sign_in },
	};

	if (rate)
		store_rate(tx,
			   str_fmt(r->arena, "%s:%.*s", classes[rate].name, STR_ARG(r->address)),
			   classes[rate].most);
}

void people_drop_kept_form(struct req *r)
{
	struct str kept = cookie_get(r, "kept");

	if (!kept.n)
		return;
	store_form_drop(r->tx, crypto_hash_token(r->arena, kept));
	cookie_set(r, "kept", STR(""), 0);
}

void people_enter_again(struct req *r)
{
	if (r->who)
		store_enter(r, (enum permission)r->route->need);
	if (form_value(r, STR("kept")).p)
		people_drop_kept_form(r);
}

void people_enter(struct req *r)
{
	queue_rate(r, r->tx, (enum rate)r->route->rate);
	people_enter_again(r);
}

void people_recognise(struct req *r)
{
	static const struct route anywhere = { GET, "", .need = PERM_NONE };
	const struct route *route = r->route;

	r->route = &anywhere;
	if (!r->who && people_identify(r))
		r->who = NULL;
	if (r->who && !r->who->row) {
		r->tx = tx_new(r->arena, r->server->db);
		people_enter_again(r);
		if (tx_run(r->tx))
			r->who = NULL;
		tx_abandon(r->tx);
	}
	r->route = route;
}

const struct err *people_next_tx(struct req *r)
{
	TRY(tx_run(r->tx));
	r->tx = tx_new(r->arena, r->server->db);
	people_enter_again(r);
	return NULL;
}

/* ---- a form that outlived its sign-in ---- */

static bool is_secret(const struct req *r, struct str name)
{
	const struct field *f = r->route->input ? shape_find(r->route->input, name) : NULL;

	return str_eq(name, STR("csrf")) || (f && f->secret);
}

static struct str form_text(struct req *r)
{
	struct buf text = buf_new(r->arena, (size_t)4 * 1024 * 1024);

	buf_put(&text, r->path);
	for (size_t at = 0; at < r->nform; at++) {
		if (is_secret(r, r->form[at].name))
			continue;
		buf_putc(&text, '&');
		buf_put_url(&text, r->form[at].name);
		buf_putc(&text, '=');
		buf_put_url(&text, r->form[at].value);
	}
	return buf_str(&text);
}

/* Keeps what was typed, and leads to a page from which it is sent again. */
static const struct err *keep_form(struct req *r, const char *path)
{
	struct str token = crypto_token(r->arena);
	struct tx *tx = tx_new(r->arena, r->server->db);

	/* Nobody plants a form that waits for a press of its button. */
	if (from_elsewhere(r) || is_from_inside(r))
		return reply_see_other(r, str_of(path));
	queue_rate(r, tx, RATE_KEEP);
	store_form_keep(tx, crypto_hash_token(r->arena, token),
			crypto_seal(r->arena, r->settings->keys.form, form_text(r)));
	TRY(tx_run(tx));
	cookie_set(r, "kept", token, 1800);
	return reply_see_other(r, str_of(path));
}

/* A page's EventSource can't follow the way to the sign-in page and would come back for ever. */
static bool is_event_source(const struct req *r)
{
	return str_eq(req_header(r, "HTTP_ACCEPT"), STR("text/event-stream"));
}

struct str path_with_next(struct req *r, const char *path, struct str next)
{
	struct buf out = buf_new(r->arena, 8192);

	buf_put(&out, str_of(path));
	if (next.n && next.n < 2000 && !str_eq(next, STR("/"))) {
		buf_put(&out, STR("?next="));
		buf_put_url(&out, next);
	}
	return buf_str(&out);
}

/* To that page first; then on to where this request wanted to go, or to the form that it brought.
 */
static const struct err *lead_by(struct req *r, const char *path)
{
	bool comes_back = str_eq(local_path(r->in->uri), r->in->uri);

	if (is_event_source(r))
		return reply_none(r);
	if (r->method != GET)
		return keep_form(r, path);
	return reply_see_other(r, path_with_next(r, path, comes_back ? r->in->uri : STR_NONE));
}

const struct err *people_ask_sign_in(struct req *r)
{
	return lead_by(r, "/login");
}

const struct err *people_ask_second_factor(struct req *r)
{
	return lead_by(r, "/profile/second-factor");
}
