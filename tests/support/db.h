#ifndef SUPPORT_DB_H
#define SUPPORT_DB_H

#include <stdbool.h>

#include "kit/base/err.h"

struct arena;

/*
 * A PostgreSQL for one test program: made in a directory of its own under /tmp, on a Unix socket,
 * and gone with the program however that ends.  TEST_DATABASE_URL (key=value form, a superuser)
 * names one to use instead, which the tests do not stop.
 *
 * A file of tests ends in DB_SUITE("kit/db/tx", ...), beside support/suite.h.  Check forks for each
 * test: connect in the test.
 */
void server_start(void);
/* The url of an empty database, made anew. */
const char *server_database(struct arena *a);
/* The url of one with the migrated schema and an account in it; starts kit/crypto. */
#define SCHEMA_ACCOUNT "00000000-0000-7000-8000-00000000000a"
const char *server_schema(struct arena *a);
/* Whether it may be stopped and started. */
bool server_is_own(void);
/* Each returns when it is done. */
void server_stop(void);
void server_go_on(void);

/* The call goes well, or it gives an error of this kind, which is returned. */
#define must(call)        outcome_well((call), __LINE__)
#define fails(call, kind) outcome_fails((call), (kind), __LINE__)
void outcome_well(const struct err *e, int line);
const struct err *outcome_fails(const struct err *e, enum err_kind kind, int line);

#define DB_SUITE(title, ...) SUITE_AFTER(server_start(), title, __VA_ARGS__)

#endif
