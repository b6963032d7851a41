/* From method and path to a row of the route tables. */
#include <string.h>

#include "kit/base/arena.h"
#include "kit/http/http.h"

#define SEGMENTS 8

struct path {
	struct str segment[SEGMENTS];
	size_t n;
};

struct entry {
	const struct route *route;
	struct path path;
	const struct entry *next; /* of as many segments */
};

struct router {
	struct entry *entries;
	size_t n;
	const struct entry *of_length[SEGMENTS + 1];
};

static const char *const method_names[METHOD__MAX] = {
	[GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
};

const char *method_name(enum method m)
{
	return method_names[m];
}

/* "/a/b" has two segments, "/" none; false where there are too many or the path is odd. */
static bool split(struct str text, struct path *ret)
{
	ret->n = 0;
	if (text.n == 0 || text.p[0] != '/')
		return false;
	if (text.n == 1)
		return true;
	for (struct str rest = str_skip(text, 1); rest.p;) {
		if (ret->n == SEGMENTS)
			return false;
		ret->segment[ret->n++] = str_cut(&rest, '/');
	}
	return true;
}

static bool is_capture(struct str segment)
{
	return segment.n && (segment.p[0] == ':' || segment.p[0] == '*');
}

static bool same_route(const struct entry *a, const struct entry *b)
{
	if (a->route->method != b->route->method || a->path.n != b->path.n)
		return false;
	for (size_t at = 0; at < a->path.n; at++) {
		struct str left = a->path.segment[at], right = b->path.segment[at];

		if (is_capture(left) != is_capture(right) ||
		    (!is_capture(left) && !str_eq(left, right)))
			return false;
	}
	return true;
}

const struct err *router_new(struct arena *a, const struct route *const *routes,
			     struct router **ret)
{
	struct router *router = ARENA_NEW(a, struct router);
	size_t n = 0;

	for (size_t table = 0; routes[table]; table++)
		for (const struct route *row = routes[table]; row->path; row++)
			n++;
	router->entries = ARENA_ARRAY(a, struct entry, n);
	for (size_t table = 0; routes[table]; table++) {
		for (const struct route *row = routes[table]; row->path; row++) {
			struct entry *e = &router->entries[router->n];

			e->route = row;
			if (!split(str_of(row->path), &e->path))
				return ERR(a, ERR_INTERNAL, "route %s has too many segments",
					   row->path);
			for (size_t at = 0; at < router->n; at++)
				if (same_route(&router->entries[at], e))
					return ERR(a, ERR_INTERNAL, "route %s stands twice",
						   row->path);
			e->next = router->of_length[e->path.n];
			router->of_length[e->path.n] = e;
			router->n++;
		}
	}
	*ret = router;
	return NULL;
}

/* How well an entry of the path's length fits: 0 not at all, else more for each literal segment,
 * the earlier the more. */
static unsigned fit(const struct entry *e, const struct path *path, struct req *r)
{
	unsigned score = 1;
	size_t ids = 0;

	for (size_t at = 0; at < path->n; at++) {
		struct str want = e->path.segment[at], got = path->segment[at];

		score <<= 1;
		if (!is_capture(want)) {
			if (!str_eq(want, got))
				return 0;
			score |= 1;
		} else if (want.p[0] == ':') {
			if (!uuid_parse(got, &r->id[ids++]))
				return 0;
		} else if (got.n) {
			r->word = got;
		} else {
			return 0;
		}
	}
	return score;
}

static bool parse_method(struct str text, enum method *ret)
{
	for (enum method m = GET; m < METHOD__MAX; m++) {
		if (str_eq(text, str_of(method_names[m]))) {
			*ret = m;
			return true;
		}
	}
	return false;
}

static const struct err *not_allowed(struct req *r, unsigned methods)
{
	struct buf allow = buf_new(r->arena, 128);

	for (enum method m = GET; m < METHOD__MAX; m++) {
		if (!(methods & 1u << m))
			continue;
		if (allow.n)
			buf_put(&allow, STR(", "));
		buf_put(&allow, str_of(method_names[m]));
		if (m == GET)
			buf_put(&allow, STR(", HEAD"));
	}
	reply_header(r, "Allow", buf_str(&allow));
	return ERR(r->arena, ERR_METHOD, "This address does not take that method.");
}

const struct err *router_find(const struct router *router, struct req *r, struct str method)
{
	const struct entry *found = NULL;
	unsigned best = 0, methods = 0;
	struct path path;

	r->head = str_eq(method, STR("HEAD"));
	r->method = GET;
	if (!split(r->path, &path))
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such page.");
	if (!r->head && !parse_method(method, &r->method))
		r->method = METHOD__MAX;
	for (const struct entry *e = router->of_length[path.n]; e; e = e->next) {
		unsigned score = fit(e, &path, r);

		if (!score)
			continue;
		methods |= 1u << e->route->method;
		if (e->route->method == r->method && score > best) {
			best = score;
			found = e;
		}
	}
	if (!found)
		return methods ? not_allowed(r, methods)
			       : ERR(r->arena, ERR_NOT_FOUND, "There is no such page.");
	r->route = found->route;
	(void)fit(found, &path, r); /* a worse fit may have left its captures */
	return NULL;
}

const struct route *router_at(const struct router *router, size_t index)
{
	return index < router->n ? router->entries[index].route : NULL;
}
