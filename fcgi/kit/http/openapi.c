/* The OpenAPI 3.1 document, written from the route tables: what is served is described, and nothing
 * else. */
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/http/http.h"

#define API STR("/api/v1")

static bool is_described(const struct route *route)
{
	return str_starts(str_of(route->path), STR("/api/"));
}

/* "/users/:user" as "/users/{user}". */
static struct str template_of(struct arena *a, const struct route *route)
{
	struct buf out = buf_new(a, 1024);

	for (struct str rest = str_skip(str_of(route->path), API.n + 1); rest.p;) {
		struct str segment = str_cut(&rest, '/');
		bool capture = segment.n && (segment.p[0] == ':' || segment.p[0] == '*');

		buf_putc(&out, '/');
		buf_put(&out, capture ? STR("{") : STR(""));
		buf_put(&out, str_skip(segment, capture));
		buf_put(&out, capture ? STR("}") : STR(""));
	}
	return buf_str(&out);
}

static void put_path_parameters(struct buf *out, const struct route *route, bool *any)
{
	for (struct str rest = str_skip(str_of(route->path), 1); rest.p;) {
		struct str segment = str_cut(&rest, '/');

		if (!segment.n || (segment.p[0] != ':' && segment.p[0] != '*'))
			continue;
		buf_put(out, *any ? STR(",{\"name\":") : STR("{\"name\":"));
		buf_put_json(out, str_skip(segment, 1));
		buf_put(out,
			STR(",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\""));
		buf_put(out, segment.p[0] == ':' ? STR(",\"format\":\"uuid\"}}") : STR("}}"));
		*any = true;
	}
}

static void put_query_parameters(struct buf *out, const struct route *route, bool *any)
{
	for (size_t at = 0; route->method == GET && route->input && at < route->input->nfields;
	     at++) {
		const struct field *f = &route->input->fields[at];

		buf_put(out, *any ? STR(",{\"name\":") : STR("{\"name\":"));
		buf_put_json(out, str_of(f->name));
		buf_put(out, STR(",\"in\":\"query\",\"required\":"));
		buf_put(out, f->optional ? STR("false") : STR("true"));
		buf_put(out, STR(",\"schema\":{\"type\":"));
		buf_put(out, f->type == FIELD_INT    ? STR("\"integer\"}}")
			     : f->type == FIELD_BOOL ? STR("\"boolean\"}}")
			     : f->type == FIELD_LIST
				     ? STR("\"array\",\"items\":{\"type\":\"string\"}}}")
				     : STR("\"string\"}}"));
		*any = true;
	}
}

static void put_body(struct buf *out, const struct route *route)
{
	if (!route->input || route->method == GET)
		return;
	buf_put(out, STR(",\"requestBody\":{\"required\":true,\"content\":{"));
	buf_put(out, route->form ? STR("\"application/x-www-form-urlencoded\"")
				 : STR("\"application/json\""));
	buf_put(out, STR(":{\"schema\":"));
	shape_put_schema(out, route->input, true);
	buf_put(out, STR("}}}"));
}

static void put_answers(struct buf *out, const struct route *route)
{
	int status = route->status ? route->status : 200;

	buf_printf(out, ",\"responses\":{\"%d\":{\"description\":\"%s\"", status,
		   status_title(status));
	if (route->output) {
		buf_put(out, STR(",\"content\":{\"application/json\":{\"schema\":"));
		shape_put_schema(out, route->output, false);
		buf_put(out, STR("}}"));
	}
	buf_put(out, STR("},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}"));
}

static void put_operation(struct buf *out, const struct route *route)
{
	static const char *const lower[METHOD__MAX] = { "get", "post", "put", "patch", "delete" };
	bool any = false;

	buf_putc(out, '"');
	buf_put(out, str_of(lower[route->method]));
	buf_put(out, STR("\":{\"summary\":"));
	buf_put_json(out, str_of(route->about));
	buf_put(out, STR(",\"security\":"));
	buf_put(out, route->need ? STR("[{\"bearer\":[]},{\"cookie\":[]}]") : STR("[]"));
	buf_put(out, STR(",\"parameters\":["));
	put_path_parameters(out, route, &any);
	put_query_parameters(out, route, &any);
	if (route->once)
		buf_put(out, any ? STR(",{\"$ref\":\"#/components/parameters/IdempotencyKey\"}")
				 : STR("{\"$ref\":\"#/components/parameters/IdempotencyKey\"}"));
	buf_putc(out, ']');
	put_body(out, route);
	put_answers(out, route);
	buf_putc(out, '}');
}

/* All methods of the path that the row at `first` is the first one of. */
static void put_path(struct buf *out, struct arena *a, const struct router *router, size_t first)
{
	const struct route *route = router_at(router, first), *other;

	buf_put_json(out, template_of(a, route));
	buf_put(out, STR(":{"));
	put_operation(out, route);
	for (size_t at = first + 1; (other = router_at(router, at)); at++) {
		if (!str_eq(str_of(other->path), str_of(route->path)))
			continue;
		buf_putc(out, ',');
		put_operation(out, other);
	}
	buf_putc(out, '}');
}

static bool stands_earlier(const struct router *router, size_t index)
{
	struct str path = str_of(router_at(router, index)->path);

	for (size_t at = 0; at < index; at++)
		if (str_eq(str_of(router_at(router, at)->path), path))
			return true;
	return false;
}

static void put_components(struct buf *out)
{
	buf_put(out,
		STR("\"components\":{\"securitySchemes\":{"
		    "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\"},"
		    "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"access\"}},"
		    "\"parameters\":{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":"
		    "\"header\","
		    "\"required\":false,\"schema\":{\"type\":\"string\",\"maxLength\":200}}},"
		    "\"responses\":{\"Problem\":{\"description\":\"What went wrong (RFC "
		    "9457)\",\"content\":{"
		    "\"application/"
		    "problem+json\":{\"schema\":{\"type\":\"object\",\"required\":[\"type\","
		    "\"title\",\"status\",\"detail\",\"code\",\"request_id\"],\"properties\":{"
		    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
		    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
		    "\"code\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},"
		    "\"used\":{\"type\":\"integer\"},\"limit\":{\"type\":\"integer\"},"
		    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
		    "\"field\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"}}}}}}}}}}}"));
}

struct str openapi_document(struct arena *a, const struct router *router, struct str base_url)
{
	struct buf out = buf_new(a, (size_t)8 * 1024 * 1024);
	const struct route *route;
	bool any = false;

	buf_put(&out, STR("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"ResolutionFlow\","
			  "\"version\":\"1\","
			  "\"description\":\"The machine face of "
			  "ResolutionFlow.\"},\"servers\":[{\"url\":"));
	buf_put_json(&out, str_fmt(a, "%.*s/api/v1", STR_ARG(base_url)));
	buf_put(&out, STR("}],\"paths\":{"));
	for (size_t at = 0; (route = router_at(router, at)); at++) {
		if (!is_described(route) || stands_earlier(router, at))
			continue;
		if (any)
			buf_putc(&out, ',');
		put_path(&out, a, router, at);
		any = true;
	}
	buf_put(&out, STR("},"));
	put_components(&out);
	buf_putc(&out, '}');
	return buf_str(&out);
}
