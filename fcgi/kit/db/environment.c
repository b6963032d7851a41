/* A connection string as other programs of libpq take it; see db.h. */
#include "kit/db/pg.h"

#include "kit/base/arena.h"

#define OPTIONS_MAX 64

static void free_options(void *options)
{
	PQconninfoFree(options);
}

const struct err *db_environment(struct arena *a, const char *url, struct list *ret)
{
	struct db_variable *found = ARENA_ARRAY(a, struct db_variable, OPTIONS_MAX);
	char *why = NULL;
	PQconninfoOption *options = PQconninfoParse(url, &why);
	size_t n = 0;

	PQfreemem(why); /* it may quote the password */
	if (!options)
		return ERR(a, ERR_INVALID, "the connection string can't be read");
	arena_defer(a, free_options, options);
	for (const PQconninfoOption *at = options; at->keyword && n < OPTIONS_MAX; at++)
		if (at->envvar && at->val)
			found[n++] = (struct db_variable){ at->envvar, at->val };
	*ret = LIST_OF(found, n);
	return NULL;
}
