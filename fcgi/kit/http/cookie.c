/* Cookies, and the few other things read off a request's header. */
#include <string.h>

#include "kit/base/arena.h"
#include "kit/http/fcgi.h"
#include "kit/http/http.h"

struct str req_header(const struct req *r, const char *param)
{
	return fcgi_param(r->fcgi, param);
}

bool req_is_tls(const struct req *r)
{
	return r->in->https;
}

/* __Host- pins a cookie to this host, this path and TLS; browsers refuse it over plain http. */
static struct str full_name(const struct req *r, const char *name)
{
	return str_fmt(r->arena, "%s%s", req_is_tls(r) ? "__Host-" : "", name);
}

struct str cookie_get(const struct req *r, const char *name)
{
	struct str want = full_name(r, name);

	for (struct str rest = req_header(r, "HTTP_COOKIE"); rest.p;) {
		struct str value = str_trim(str_cut(&rest, ';'));
		struct str key = str_cut(&value, '=');

		if (value.p && str_eq(key, want))
			return value;
	}
	return STR_NONE;
}

void cookie_set(struct req *r, const char *name, struct str value, int64_t seconds)
{
	struct str text =
		str_fmt(r->arena, "%.*s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s",
			STR_ARG(full_name(r, name)), STR_ARG(value), (long long)seconds,
			req_is_tls(r) ? "; Secure" : "");

	reply_header(r, "Set-Cookie", text);
}

struct str local_path(struct str text)
{
	bool ours = text.n > 0 && text.n <= 2000 && text.p[0] == '/' &&
		    !str_starts(text, STR("//")) && str_find(text, '\\') < 0 &&
		    !str_has_control(text, STR(""));

	return ours ? text : STR("/");
}
