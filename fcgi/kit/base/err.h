#ifndef KIT_BASE_ERR_H
#define KIT_BASE_ERR_H

#include "kit/base/str.h"

struct arena;

/* What went wrong, as a caller needs to tell it apart.  app/serve.c turns a kind into a status. */
enum err_kind {
	ERR_MALFORMED,  /* 400: not even readable */
	ERR_SIGNED_OUT, /* 401 */
	ERR_FORBIDDEN,  /* 403 */
	ERR_NOT_FOUND,  /* 404: not there, or another account's */
	ERR_METHOD,     /* 405 */
	ERR_CONFLICT,   /* 409 */
	ERR_GONE,       /* 410 */
	ERR_TOO_LARGE,  /* 413 */
	ERR_MEDIA_TYPE, /* 415 */
	ERR_INVALID,    /* 422 */
	ERR_RATE,       /* 429 */
	ERR_BUSY,       /* 503: the database is away; try again */
	ERR_RETRY,      /* a serialization failure: the whole handler runs again */
	ERR_INTERNAL,   /* 500: a fault of ours */
	ERR__MAX
};

/*
 * NULL means well.  `message` of ERR_BUSY, ERR_RETRY and ERR_INTERNAL is for the operator and goes
 * to the log; that of every other kind is one plain sentence for the user.
 */
struct err {
	enum err_kind kind;
	const char *code; /* the stable word of the API, such as "stale"; NULL: the kind's own */
	struct str message;
	const char *file;
	int line;
	struct str facts; /* none, or a JSON object: members that the problem document has beside
			   * its own
			   */
	int retry_after;  /* seconds, of ERR_RATE and ERR_BUSY */
	char sqlstate[6]; /* "" where the database had no part in it */
};

#define must_check __attribute__((warn_unused_result))

struct err *err_new(struct arena *a, enum err_kind kind, const char *code, const char *file,
		    int line, const char *fmt, ...)
	__attribute__((format(printf, 6, 7), returns_nonnull));
/* The API's word for it. */
const char *err_code(const struct err *e);

#define ERR(a, kind, ...)            err_new((a), (kind), NULL, __FILE__, __LINE__, __VA_ARGS__)
#define ERR_CODE(a, kind, code, ...) err_new((a), (kind), (code), __FILE__, __LINE__, __VA_ARGS__)

/* The one macro with a hidden return: passes an error on to the caller. */
#define TRY(call)                                                                                  \
	do {                                                                                       \
		const struct err *try_ = (call);                                                   \
		if (try_)                                                                          \
			return try_;                                                               \
	} while (0)

#endif
