/*
 * The way of one request, top to bottom.  Columns of the route row are checked here and nowhere
 * else; errors become a status and a page or a problem document here and nowhere else.
 */
#include "app/serve.h"

#include <poll.h>
#include <string.h>

#include "accounts/accounts.h"
#include "app/answer.h"
#include "kit/http/metrics.h"
#include "app/send.h"
#include "flags/flags.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/crypto/crypto.h"
#include "kit/db/db.h"
#include "kit/http/fcgi.h"
#include "people/people.h"

#define TRIES 3

static const struct err *refuse_unread(struct req *r)
{
	switch (r->in->refused) {
	case 0:
		return NULL;
	case 413:
		return ERR(r->arena, ERR_TOO_LARGE, "This is larger than the server takes.");
	case 431:
		return ERR_CODE(r->arena, ERR_MALFORMED, "headers_too_large",
				"The request's headers are too large.");
	default:
		return ERR(r->arena, ERR_MALFORMED, "The request could not be read.");
	}
}

/* "/login/?next=/x" is "/login?next=/x". */
static bool redirect_slash(struct req *r)
{
	struct str path = str_first(r->path, r->path.n - 1);

	if (r->path.n < 2 || !str_ends(r->path, STR("/")) || !str_eq(local_path(path), path))
		return false;
	if (r->in->query.n)
		path = str_fmt(r->arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(r->in->query));
	r->reply.status = 308;
	reply_header(r, "Location", path);
	return true;
}

/* What is switched off for the account is not there; which account it is, the database says. */
static const struct err *check_flag(struct req *r)
{
	if (!r->route->flag || !r->who)
		return NULL;
	TRY(tx_more(r->tx));
	if (!flag_on(r, (enum flag)r->route->flag))
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such page.");
	return NULL;
}

/* The role is the database's to judge, by enter(): the token's may be of yesterday. */
static const struct err *check_permission(struct req *r)
{
	if (r->route->need && !r->who)
		return ERR(r->arena, ERR_SIGNED_OUT, "Sign in to go on.");
	return people_check_csrf(r);
}

/* Whether the sign-in holds and what is asked for is there comes first: 401, 403 and 404 before
 * 422. */
static const struct err *refuse_input(struct req *r, const struct err *problem)
{
	TRY(tx_run(r->tx));
	return problem;
}

static const struct err *run_once(struct req *r)
{
	const struct err *problem;

	r->tx = tx_new(r->arena, r->server->db);
	people_enter(r);
	TRY(check_flag(r));
	problem = people_check_key(r);
	if (problem)
		return refuse_input(r, problem);
	TRY(answer_take_once(r));
	if (r->route->find)
		r->route->find(r);
	problem = input_bind(r);
	if (problem)
		return refuse_input(r, problem);
	TRY(r->route->run(r));
	TRY(answer_keep_once(r));
	return people_record_look(r);
}

static void undo(struct req *r)
{
	tx_abandon(r->tx);
	reply_undo(r);
}

static void forget_tried(struct req *r)
{
	r->nproblems = 0;
	r->given = 0;
}

/* The sign-in has ended, and the page needs none. */
static bool goes_on_signed_out(const struct req *r, const struct err *e)
{
	return strcmp(e->sqlstate, "RF401") == 0 && r->who && !r->route->need;
}

/* Whoever came in between gets the time to finish; not all of those that lost come back at once. */
static void pause_before_retry(int tries)
{
	poll(NULL, 0, (tries + 1) * (10 + (int)(clock_mono() % 20)));
}

/* A serialization failure runs the handler again: it has no effect outside its transaction. */
static const struct err *run(struct req *r)
{
	const struct err *e = NULL;

	r->reply.base = r->reply.head.n;
	for (int tries = 0; tries < TRIES; tries++) {
		forget_tried(r);
		e = run_once(r);
		if (!e)
			break;
		undo(r);
		if (goes_on_signed_out(r, e)) {
			people_forget(r);
			r->reply.base = r->reply.head.n;
		} else if (e->kind != ERR_RETRY) {
			break;
		} else if (tries + 1 < TRIES) {
			pause_before_retry(tries);
		}
	}
	return e;
}

static const struct err *handle(struct req *r)
{
	TRY(refuse_unread(r));
	if (redirect_slash(r))
		return NULL;
	TRY(router_find(r->server->router, r, r->in->method));
	TRY(input_read(r));
	TRY(people_identify(r));
	if (!r->route->anonymous)
		flags_refresh(r->server->flags, r->arena);
	TRY(check_permission(r));
	return run(r);
}

static void write_log(struct req *r, const struct err *e, const struct sent *sent,
		      int64_t microseconds)
{
	bool fault = e && (e->kind == ERR_INTERNAL || e->kind == ERR_BUSY || e->kind == ERR_RETRY);
	struct log line = log_begin(fault ? LOG_ERROR : LOG_INFO, "request");

	log_str(&line, "request_id", r->request_id);
	log_str(&line, "method", r->in->method);
	log_str(&line, "route", r->route ? str_of(r->route->path) : STR("none"));
	log_int(&line, "status", r->reply.status);
	log_int(&line, "bytes", sent->bytes);
	if (!sent->whole)
		log_str(&line, "sent", STR("in part"));
	log_int(&line, "us", microseconds);
	log_int(&line, "db_us", r->tx ? tx_microseconds(r->tx) : 0);
	log_int(&line, "trips", r->tx ? tx_round_trips(r->tx) : 0);
	log_str(&line, "address", r->address);
	if (r->who) {
		log_str(&line, "account", str_of(r->who->account.text));
		log_str(&line, "user", str_of(r->who->person.text));
	}
	if (e) {
		log_str(&line, "code", str_of(err_code(e)));
		log_str(&line, "msg", fault ? e->message : STR_NONE);
		log_str(&line, "at", str_fmt(r->arena, "%s:%d", e->file, e->line));
	}
	log_end(&line);
}

void serve(const struct server *server, struct arena *a, struct fcgi *fcgi,
	   const struct fcgi_request *in)
{
	int64_t began = clock_mono(), took;
	const struct err *e, *broken;
	struct sent sent;
	struct req r = {
		.arena = a,
		.server = server,
		.settings = server->settings,
		.fcgi = fcgi,
		.in = in,
		.path = in->path,
		.request_id = in->request_id,
		.address = in->address,
		.agent = str_first(fcgi_param(fcgi, "HTTP_USER_AGENT"), 300),
		.api = str_starts(in->path, STR("/api/")),
	};

	if (!r.agent.p || !str_is_utf8(r.agent))
		r.agent = STR("");
	reply_start(&r);
	if (r.api)
		reply_header(&r, "Cache-Control", STR("no-store"));
	e = handle(&r);
	if (e)
		answer_error(&r, e);
	broken = send_answer(&r, fcgi, &sent);
	took = clock_mono() - began;
	metrics_count(&r, took);
	write_log(&r, e ? e : broken, &sent, took);
}
