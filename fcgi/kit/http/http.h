#ifndef KIT_HTTP_HTTP_H
#define KIT_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/buf.h"
#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;
struct cache;
struct db;
struct fcgi;
struct fcgi_request;
struct flags; /* flags/flags.h */
struct json;
struct jwt_known;
struct render;
struct req;
struct router;
struct settings; /* accounts/accounts.h */
struct tx;
struct view;
struct who; /* people/people.h */

enum method { GET, POST, PUT, PATCH, DELETE, METHOD__MAX };
enum pool { POOL_PAGES, POOL_PASSWORD };

/*
 * A route says who may call it, what it accepts and what runs: app/serve.c checks the columns, a
 * handler finds them checked.  A page and its API are two rows over one act of the room.
 */
struct route {
	enum method method;
	const char *path;          /* "/users/:user": ":x" takes a UUID, "*x" any one segment */
	unsigned need;             /* a permission of people/roles.h; 0: whoever comes */
	const struct shape *input; /* of a form, a JSON body, or a GET's query */
	const struct err *(*run)(struct req *r);
	const struct err *(*again)(
		struct req *r); /* pages: shows the form with its messages and what was typed */
	void (*find)(
		struct req *r); /* queues what must be there (404) before input is judged (422) */
	unsigned flag; /* a feature of flags/flags.h, without which there is no such page; 0: none
			*/
	enum pool pool;
	unsigned rate;     /* a class of people/rates.h; 0: none */
	bool asks;         /* a GET that only asks before a change: not for who may only read */
	bool once;         /* honours Idempotency-Key, or the form's nonce */
	bool form;         /* an API row that takes a form, not JSON */
	bool file;         /* its form may bring a file, whose text is the field's value */
	bool anonymous;    /* the sign-in is not even looked at: health, metrics */
	const char *about; /* API: one line for the OpenAPI document */
	const struct shape *output;
	int status; /* API: of its success; 0: 200 */
};

struct problem {
	struct str field, message;
};

struct pair {
	struct str name, value;
};

struct reply {
	int status;
	struct buf head; /* header lines but Status and X-Request-Id */
	size_t base; /* bytes of head that reply_undo leaves: what was said before the handler ran
		      */
	struct buf body;
	struct str content_type;
	/* What makes the next piece, where body is only the first; see reply_stream. */
	const struct err *(*piece)(struct req *r, void *ctx, struct buf *out, bool *more);
	void *ctx;
};

/* What lives as long as the worker. */
struct server {
	const struct settings *settings;
	const struct router *router;
	const struct render *render;
	struct db *db;
	struct jwt_known *tokens; /* access tokens that were found right */
	struct flags *flags;      /* which features each account has */
	struct cache *made;       /* what was made of texts, under their hashes */
	const void *(*frame)(
		struct req *r); /* what every page has; called when a page is rendered */
};

struct req {
	struct arena *arena;
	const struct server *server;
	const struct settings *settings;
	struct tx *tx; /* begun with the caller's identity; a handler queues, runs and never writes
			  BEGIN */
	const struct fcgi *fcgi;
	const struct fcgi_request *in;
	struct str path, request_id, address, agent;
	const struct route *route;
	enum method method;
	bool head; /* HEAD: as GET, and the body is not sent */
	bool api;
	struct uuid id[4]; /* what the route's ":x" took */
	struct str word;   /* what its "*x" took */

	const void *input; /* of the route's shape */
	uint64_t given;    /* a bit for each field of it that came, null included */
	struct str once_key;
	struct pair *form; /* a form's fields or the query's, decoded, as they came */
	size_t nform;
	const struct json *json;
	struct problem *problems;
	size_t nproblems;
	struct json_text
		current; /* API: goes into a refusal as "current", the object as it now is */

	struct who *who;      /* NULL: signed out */
	struct str csrf_seed; /* what this browser's CSRF token is bound to */
	struct reply reply;
};

/* ---- route.c ---- */

/* routes: NULL-ended list of tables, each ended by a row without a path.  ERR_INTERNAL names a
 * doubled row. */
const struct err *router_new(struct arena *a, const struct route *const *routes,
			     struct router **ret) must_check;
/* Sets r->route, ids and word.  ERR_NOT_FOUND, or ERR_METHOD with the Allow header already in the
 * reply. */
const struct err *router_find(const struct router *router, struct req *r,
			      struct str method) must_check;
/* For openapi, `routes` and the tests: every row in the order of the tables, NULL after the last.
 */
const struct route *router_at(const struct router *router, size_t index);
const char *method_name(enum method m);

/* ---- input.c ---- */

/* Splits body or query into r->form or r->json: what is wrong here is 400 or 415. */
const struct err *input_read(struct req *r) must_check;
/* Fills r->input by the route's shape; what is wrong is gathered in r->problems. */
const struct err *input_bind(struct req *r) must_check;
struct str form_value(const struct req *r, struct str name); /* none where it did not come */
bool input_given(const struct req *r, const char *field);
/* Binds a document that came within a text; returns which fields it gave, as r->given tells it. */
uint64_t input_bind_json(struct req *r, const struct shape *s, const struct json *j, void *object);
bool shape_given(const struct shape *s, uint64_t given, const char *field);
/* "structure.nodes[3].title": a problem of that place, where a handler looks closer than a shape
 * can. */
void input_problem(struct req *r, struct str place, struct str message);
/* ERR_INVALID where there are problems; it says what the first one says. */
const struct err *input_judge(struct req *r) must_check;
/* The first message of that place; none: there is no problem with it. */
struct str input_problem_of(const struct req *r, struct str field);
/* Adds a problem and gives the ERR_INVALID to return. */
const struct err *input_refuse(struct req *r, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4))) must_check;
/* Decodes a query or form body into pairs; false where it is malformed. */
bool pairs_decode(struct arena *a, struct str text, struct pair **ret, size_t *n);

/* ---- cookie.c ---- */

struct str cookie_get(const struct req *r,
		      const char *name); /* as it came, under the deployment's prefix */
/* HttpOnly, SameSite=Lax, Path=/; Secure with the __Host- prefix under TLS.  seconds 0: forget it.
 */
void cookie_set(struct req *r, const char *name, struct str value, int64_t seconds);
bool req_is_tls(const struct req *r);
struct str req_header(const struct req *r, const char *param); /* "HTTP_ACCEPT" */
/* A path of ours to go to after signing in, or "/" where the text is none. */
struct str local_path(struct str text);

/* ---- reply.c ---- */

void reply_start(struct req *r); /* an empty 200 */
void reply_undo(struct req *r);  /* forgets what the handler said */
const struct err *reply_page(struct req *r, const struct view *view, const void *model) must_check;
const struct err *reply_see_other(struct req *r, struct str path) must_check;
const struct err *reply_json(struct req *r, const struct shape *shape,
			     const void *object) must_check;
const struct err *reply_text(struct req *r, struct str content_type, struct str body) must_check;
/*
 * An answer that is longer than memory should hold.  piece() adds to `out`, sets *more while more
 * follows, and keeps in ctx, which lives as long as the request, what it needs to go on.
 *
 * The first call is at once, in the handler's transaction: its errors are answered as any other's,
 * and an answer of one piece is an ordinary one.  Each further call comes after that one was sent,
 * with a request of its own: r->tx is another transaction, which enters anew, and r->arena is empty
 * again afterwards.  An error there breaks the answer off, visibly for whoever reads it; and so
 * does the end of the time that serve.c gives it.
 */
const struct err *reply_stream(struct req *r, struct str content_type,
			       const struct err *(*piece)(struct req *r, void *ctx, struct buf *out,
							  bool *more),
			       void *ctx) must_check;
/* Rows make no piece longer: one that has so many bytes ends, and may be as long again. */
#define REPLY_PIECE ((size_t)4 * 1024 * 1024)
/* The same as a file for spreadsheets, which is nobody's to keep on the way. */
const struct err *reply_csv(struct req *r, const char *name,
			    const struct err *(*piece)(struct req *r, void *ctx, struct buf *out,
						       bool *more),
			    void *ctx) must_check;
const struct err *reply_none(struct req *r) must_check; /* 204 */
void reply_header(struct req *r, const char *name, struct str value);
/* The browser saves the answer as a file, called by the name as far as file systems take it. */
void reply_attachment(struct req *r, struct str name, const char *ending);
void reply_problem(struct req *r, int status, const struct err *e);
struct str reply_head(struct req *r); /* the finished header, blank line included */
const char *status_title(int status);

/* ---- openapi.c ---- */
/* key_word: what a key of the API must have for a row, "any" where each will do, NULL where none
 * does. */
struct str openapi_document(struct arena *a, const struct router *router, struct str base_url,
			    const char *(*key_word)(const struct route *route));

#endif
