/*
 * Read before every file that clang-tidy reads.  Its analyzer does not know that err_new() always
 * gives an error, and so follows TRY() into paths that do not exist.
 */
#ifndef LINT_ANALYZER_H
#define LINT_ANALYZER_H

#include "kit/base/err.h"

static inline struct err *err_sure(struct err *e)
{
	if (!e)
		__builtin_unreachable();
	return e;
}

#undef ERR
#undef ERR_CODE
#define ERR(a, kind, ...) err_sure(err_new((a), (kind), NULL, __FILE__, __LINE__, __VA_ARGS__))
#define ERR_CODE(a, kind, code, ...)                                                               \
	err_sure(err_new((a), (kind), (code), __FILE__, __LINE__, __VA_ARGS__))

#endif
