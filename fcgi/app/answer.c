/* Errors as pages and documents, and answers that count once; see answer.h. */
#include "app/answer.h"

#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/db/db.h"
#include "kit/http/fcgi.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "record/record.h"

#define ONCE_KEY_MAX 200

struct error_view {
	int64_t status;
	struct str title, message, advice, href, link, retry_href;
	bool retry;
};

static const struct shape error_shape =
	SHAPE(struct error_view, F_INT(struct error_view, status), F_STR(struct error_view, title),
	      F_STR(struct error_view, message), F_STR(struct error_view, advice),
	      F_STR(struct error_view, href), F_STR(struct error_view, link),
	      F_STR(struct error_view, retry_href), F_BOOL(struct error_view, retry));
static const struct view error_view = { "app/error", &error_shape };
const struct view *const answer_views[] = { &error_view, NULL };

static const struct {
	int status;
	const char *title, *advice;
} kinds[ERR__MAX] = {
	[ERR_MALFORMED] = { 400, "That could not be read",
			    "Go back, reload the page and try again." },
	[ERR_SIGNED_OUT] = { 401, "Please sign in", "Sign in and try again." },
	[ERR_FORBIDDEN] = { 403, "Not allowed", NULL },
	[ERR_NOT_FOUND] = { 404, "Not found", "Check the address, or start from the home page." },
	[ERR_METHOD] = { 405, "That can't be done here",
			 "Go back and use the page's own buttons." },
	[ERR_CONFLICT] = { 409, "Something came in between",
			   "Go back, reload the page and look again." },
	[ERR_GONE] = { 410, "No longer there", "Ask whoever gave you the link for a new one." },
	[ERR_TOO_LARGE] = { 413, "Too large", "Send less at once." },
	[ERR_MEDIA_TYPE] = { 415, "Not understood", "Send it in the form that the message names." },
	[ERR_INVALID] = { 422, "Something is missing", "Go back and look at what you entered." },
	[ERR_RATE] = { 429, "Too fast", "Wait a moment, then try again." },
	[ERR_BUSY] = { 503, "Back in a moment", "Nothing is lost. Try again in a few seconds." },
	[ERR_RETRY] = { 503, "Back in a moment", "Nothing is lost. Try again in a few seconds." },
	[ERR_INTERNAL] = { 500, "Our mistake",
			   "It is on record. Try again, or tell us the number below." },
};

static bool is_ours(const struct err *e)
{
	return e->kind == ERR_INTERNAL || e->kind == ERR_BUSY || e->kind == ERR_RETRY;
}

static int status_of(const struct err *e)
{
	return strcmp(err_code(e), "headers_too_large") == 0 ? 431 : kinds[e->kind].status;
}

static void error_page(struct req *r, const struct err *e)
{
	bool full = strcmp(err_code(e), "plan_limit") == 0; /* says itself what to do */
	struct error_view view = {
		.status = status_of(e),
		.title = full ? STR("Your plan is full") : str_of(kinds[e->kind].title),
		.message = is_ours(e) ? STR("Something went wrong on our side.") : e->message,
		.advice = full ? STR_NONE : str_of(kinds[e->kind].advice),
		.href = STR("/"),
		.link = STR("Home page"),
		.retry = r->method == GET && (is_ours(e) || e->kind == ERR_RATE),
		.retry_href = local_path(r->in->uri),
	};

	if (!is_ours(e))
		people_recognise(r);
	(void)!reply_page(r, &error_view, &view);
	r->reply.status = status_of(e);
}

/* It was no form of a page that this browser would be shown now. */
static bool of_other_page(const struct err *e)
{
	return strcmp(err_code(e), "csrf") == 0 || strcmp(err_code(e), "read_only") == 0;
}

/* The form again, with its messages and all that was typed. */
static bool show_again(struct req *r, const struct err *e)
{
	bool about_input = e->kind == ERR_INVALID || e->kind == ERR_CONFLICT ||
			   e->kind == ERR_SIGNED_OUT || e->kind == ERR_FORBIDDEN ||
			   e->kind == ERR_RATE;

	if (!r->route || !r->route->again || !about_input || of_other_page(e))
		return false;
	if (!r->nproblems && strcmp(err_code(e), "key_reused") == 0)
		(void)!input_refuse(r, "",
				    "This page was sent before. Look at what it holds now, then "
				    "send it again.");
	else if (!r->nproblems)
		(void)!input_refuse(r, "", "%.*s", STR_ARG(e->message));
	r->tx = tx_new(r->arena, r->server->db);
	people_enter_again(r);
	if (r->route->again(r)) {
		tx_abandon(r->tx);
		reply_undo(r);
		return false;
	}
	r->reply.status = status_of(e);
	return true;
}

static void retry_after(struct req *r, const struct err *e)
{
	if (e->retry_after > 0)
		reply_header(r, "Retry-After", str_fmt(r->arena, "%d", e->retry_after));
	else if (e->kind == ERR_BUSY || e->kind == ERR_RETRY || e->kind == ERR_RATE)
		reply_header(r, "Retry-After", STR("2"));
}

static bool needs_sign_in(const struct req *r, const struct err *e)
{
	return e->kind == ERR_SIGNED_OUT && r->route && r->route->need;
}

/* What a page's script sends is nothing that anyone would send again. */
static bool is_of_script(const struct req *r)
{
	return r->method != GET && str_eq(req_header(r, "HTTP_SEC_FETCH_DEST"), STR("empty"));
}

/* Signed out on a page: what was typed is kept, and the way leads through signing in. */
static const struct err *ask_sign_in(struct req *r, const struct err *e)
{
	people_forget(r);
	return is_of_script(r) ? e : people_ask_sign_in(r);
}

/* The account asks for a second factor, and whoever comes has none yet. */
static bool needs_second_factor(const struct req *r, const struct err *e)
{
	return strcmp(err_code(e), "second_factor_due") == 0 && !is_of_script(r);
}

static void answer_page(struct req *r, const struct err *e)
{
	bool asks = needs_sign_in(r, e);

	if (needs_second_factor(r, e) && !people_ask_second_factor(r))
		return;
	if (asks) {
		e = ask_sign_in(r, e);
		if (!e)
			return;
	}
	retry_after(r, e);
	if (asks || !show_again(r, e))
		error_page(r, e);
}

static void answer_problem(struct req *r, const struct err *e)
{
	retry_after(r, e);
	if (e->kind == ERR_SIGNED_OUT)
		reply_header(r, "WWW-Authenticate", STR("Bearer"));
	reply_problem(r, status_of(e), e);
}

static void replay(struct req *r, struct str sealed);

void answer_error(struct req *r, const struct err *e)
{
	if (strcmp(e->sqlstate, "RF208") == 0)
		replay(r, e->message);
	else if (r->api)
		answer_problem(r, e);
	else
		answer_page(r, e);
}

/* ---- once ---- */

/* "303 LENGTH-OF-HEAD CONTENT-TYPE\n", the head, the body: what a second request of the key gets
 * again. */
static struct str pack(struct req *r)
{
	struct buf text = buf_new(r->arena, (size_t)4 * 1024 * 1024);
	struct str head = str_skip(buf_str(&r->reply.head),
				   r->reply.base); /* renewed cookies are not for twice */

	buf_printf(&text, "%d %zu %.*s\n", r->reply.status, head.n, STR_ARG(r->reply.content_type));
	buf_put(&text, head);
	buf_put(&text, buf_str(&r->reply.body));
	return buf_str(&text);
}

static void replay(struct req *r, struct str sealed)
{
	const struct settings_keys *keys = &r->settings->keys;
	struct str text = crypto_open_either(r->arena, keys->once, keys->once_previous, sealed);
	struct str first = str_cut(&text, '\n');
	int64_t status = 500, head = 0;

	if (!str_to_int(str_cut(&first, ' '), &status) ||
	    !str_to_int(str_cut(&first, ' '), &head)) {
		reply_problem(r, 500,
			      ERR(r->arena, ERR_INTERNAL, "a kept answer could not be opened"));
		return;
	}
	r->reply.status = (int)status;
	r->reply.content_type = first;
	buf_put(&r->reply.head, str_first(text, (size_t)head));
	buf_put(&r->reply.body, str_skip(text, (size_t)head));
}

/* The API's header, or the nonce in a form. */
static struct str once_key(const struct req *r)
{
	if (!r->route->once || !r->who)
		return STR_NONE;
	return r->api ? req_header(r, "HTTP_IDEMPOTENCY_KEY") : form_value(r, STR("once"));
}

const struct err *answer_take_once(struct req *r)
{
	struct str key = once_key(r), what;

	if (key.n == 0)
		return NULL;
	if (!str_is_utf8(key) || str_utf8_length(key) > ONCE_KEY_MAX)
		return input_refuse(r, "Idempotency-Key", "A key has at most %d characters.",
				    ONCE_KEY_MAX);
	r->once_key = str_fmt(r->arena, "%s:%.*s", r->api ? "api" : "form", STR_ARG(key));
	what = str_fmt(r->arena, "%s %.*s\n%.*s", method_name(r->method), STR_ARG(r->path),
		       STR_ARG(r->in->body));
	tx_hold(r->tx);
	once_take(r->tx, r->once_key, crypto_hash_token(r->arena, what));
	return NULL;
}

const struct err *answer_keep_once(struct req *r)
{
	if (!r->once_key.n)
		return tx_finish(r->tx);
	once_keep(r->tx, r->once_key, crypto_seal(r->arena, r->settings->keys.once, pack(r)));
	return tx_finish(r->tx);
}
