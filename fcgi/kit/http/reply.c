/* The answer, gathered in memory; app/serve.c sends it after the commit, and goes on with one that
 * comes in pieces. */
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/http/http.h"
#include "kit/render/render.h"

#define BODY_MAX ((size_t)32 * 1024 * 1024)
#define HEAD_MAX ((size_t)16 * 1024)

static const struct {
	int status;
	const char *title;
} titles[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

const char *status_title(int status)
{
	for (size_t at = 0; at < sizeof(titles) / sizeof(titles[0]); at++)
		if (titles[at].status == status)
			return titles[at].title;
	return "Error";
}

void reply_start(struct req *r)
{
	r->reply = (struct reply){
		.status = 200,
		.head = buf_new(r->arena, HEAD_MAX),
		.body = buf_new(r->arena, BODY_MAX),
	};
}

void reply_undo(struct req *r)
{
	r->reply.status = 200;
	r->reply.head.n = r->reply.base;
	r->reply.body.n = 0;
	r->reply.content_type = STR_NONE;
	r->reply.piece = NULL;
}

/* A value with a control byte would begin a header of its own: it is left out whole. */
void reply_header(struct req *r, const char *name, struct str value)
{
	if (str_has_control(value, STR("")))
		return;
	buf_put(&r->reply.head, str_of(name));
	buf_put(&r->reply.head, STR(": "));
	buf_put(&r->reply.head, value);
	buf_put(&r->reply.head, STR("\r\n"));
}

/* A name that every file system takes: letters and digits of ASCII, and a dash for all else. */
static struct str file_name(struct req *r, struct str name, const char *ending)
{
	struct buf out = buf_new(r->arena, 200);
	bool dash = true;

	for (size_t at = 0; at < name.n && out.n < 60; at++) {
		char c = name.p[at];
		bool plain =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (plain)
			buf_putc(&out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
		else if (!dash)
			buf_putc(&out, '-');
		dash = !plain;
	}
	while (out.n && out.p[out.n - 1] == '-')
		out.n--;
	return str_fmt(r->arena, "%.*s.%s", STR_ARG(out.n ? buf_str(&out) : STR("flow")), ending);
}

void reply_attachment(struct req *r, struct str name, const char *ending)
{
	reply_header(r, "Content-Disposition",
		     str_fmt(r->arena, "attachment; filename=\"%.*s\"",
			     STR_ARG(file_name(r, name, ending))));
}

static const struct err *check_size(struct req *r)
{
	return r->reply.body.full ? ERR(r->arena, ERR_INTERNAL, "the answer is over its maximum")
				  : NULL;
}

const struct err *reply_page(struct req *r, const struct view *view, const void *model)
{
	r->reply.content_type = STR("text/html; charset=utf-8");
	r->reply.body.n = 0;
	render_view(r->server->render, view, r->server->frame(r), model, &r->reply.body);
	return check_size(r);
}

const struct err *reply_see_other(struct req *r, struct str path)
{
	r->reply.status = 303;
	reply_header(r, "Location", path);
	return NULL;
}

const struct err *reply_json(struct req *r, const struct shape *shape, const void *object)
{
	if (r->route->status)
		r->reply.status = r->route->status;
	r->reply.content_type = STR("application/json; charset=utf-8");
	shape_put_json(&r->reply.body, shape, object);
	return check_size(r);
}

const struct err *reply_text(struct req *r, struct str content_type, struct str body)
{
	r->reply.content_type = content_type;
	buf_put(&r->reply.body, body);
	return check_size(r);
}

const struct err *reply_stream(struct req *r, struct str content_type,
			       const struct err *(*piece)(struct req *r, void *ctx, struct buf *out,
							  bool *more),
			       void *ctx)
{
	bool more = false;

	r->reply.content_type = content_type;
	TRY(piece(r, ctx, &r->reply.body, &more));
	r->reply.piece = more ? piece : NULL;
	r->reply.ctx = ctx;
	return check_size(r);
}

const struct err *reply_csv(struct req *r, const char *name,
			    const struct err *(*piece)(struct req *r, void *ctx, struct buf *out,
						       bool *more),
			    void *ctx)
{
	reply_attachment(r, str_of(name), "csv");
	reply_header(r, "Cache-Control", STR("no-store"));
	return reply_stream(r, STR("text/csv; charset=utf-8"), piece, ctx);
}

const struct err *reply_none(struct req *r)
{
	r->reply.status = 204;
	return NULL;
}

static void put_problems(struct buf *out, const struct req *r)
{
	buf_put(out, STR(",\"errors\":["));
	for (size_t at = 0; at < r->nproblems; at++) {
		buf_put(out, at ? STR(",{\"field\":") : STR("{\"field\":"));
		buf_put_json(out, r->problems[at].field);
		buf_put(out, STR(",\"message\":"));
		buf_put_json(out, r->problems[at].message);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

void reply_problem(struct req *r, int status, const struct err *e)
{
	struct buf *out = &r->reply.body;
	bool ours = e->kind == ERR_INTERNAL || e->kind == ERR_BUSY || e->kind == ERR_RETRY;

	r->reply.status = status;
	r->reply.content_type = STR("application/problem+json; charset=utf-8");
	out->n = 0;
	buf_put(out, STR("{\"type\":\"about:blank\",\"title\":"));
	buf_put_json(out, str_of(status_title(status)));
	buf_put(out, STR(",\"status\":"));
	buf_put_int(out, status);
	buf_put(out, STR(",\"detail\":"));
	buf_put_json(out, ours ? STR("Something went wrong on our side. Try again in a moment.")
			       : e->message);
	buf_put(out, STR(",\"code\":"));
	buf_put_json(out, str_of(err_code(e)));
	buf_put(out, STR(",\"request_id\":"));
	buf_put_json(out, r->request_id);
	if (r->nproblems)
		put_problems(out, r);
	if (r->current.s.n) {
		buf_put(out, STR(",\"current\":"));
		buf_put(out, r->current.s);
	}
	if (e->facts.n > 2) {
		buf_putc(out, ',');
		buf_put(out, str_skip(str_first(e->facts, e->facts.n - 1), 1));
	}
	buf_putc(out, '}');
}

/* With the length nginx sends the whole answer at once, not its last chunk in a packet of its own.
 */
struct str reply_head(struct req *r)
{
	struct buf head = buf_new(r->arena, HEAD_MAX + 1024);

	buf_put(&head, STR("Status: "));
	buf_put_int(&head, r->reply.status);
	buf_putc(&head, ' ');
	buf_put(&head, str_of(status_title(r->reply.status)));
	buf_put(&head, STR("\r\nX-Request-Id: "));
	buf_put(&head, r->request_id);
	if (r->reply.content_type.n) {
		buf_put(&head, STR("\r\nContent-Type: "));
		buf_put(&head, r->reply.content_type);
	}
	if (r->reply.status != 204 && !r->reply.piece) {
		buf_put(&head, STR("\r\nContent-Length: "));
		buf_put_int(&head, (int64_t)r->reply.body.n);
	}
	buf_put(&head, STR("\r\n"));
	buf_put(&head, buf_str(&r->reply.head));
	buf_put(&head, STR("\r\n"));
	return buf_str(&head);
}
