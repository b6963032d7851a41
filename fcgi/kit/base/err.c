/* Errors as values; see err.h. */
#include "kit/base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "kit/base/arena.h"

static const char *const kind_codes[ERR__MAX] = {
	[ERR_MALFORMED] = "malformed",
	[ERR_SIGNED_OUT] = "not_signed_in",
	[ERR_FORBIDDEN] = "forbidden",
	[ERR_NOT_FOUND] = "not_found",
	[ERR_METHOD] = "method_not_allowed",
	[ERR_CONFLICT] = "conflict",
	[ERR_GONE] = "gone",
	[ERR_TOO_LARGE] = "too_large",
	[ERR_MEDIA_TYPE] = "unsupported_media_type",
	[ERR_INVALID] = "invalid",
	[ERR_RATE] = "rate_limited",
	[ERR_BUSY] = "unavailable",
	[ERR_RETRY] = "unavailable",
	[ERR_INTERNAL] = "internal",
};

struct err *err_new(struct arena *a, enum err_kind kind, const char *code, const char *file,
		    int line, const char *fmt, ...)
{
	struct err *e = ARENA_NEW(a, struct err);
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		text[0] = 0;
	*e = (struct err){
		.kind = kind,
		.code = code,
		.message = str_dup(a, str_mend(str_of(text))),
		.file = file,
		.line = line,
	};
	return e;
}

const char *err_code(const struct err *e)
{
	return e->code ? e->code : kind_codes[e->kind];
}
