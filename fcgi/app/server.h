#ifndef APP_SERVER_H
#define APP_SERVER_H

#include "kit/db/db.h"
#include "kit/http/http.h"

/* What a worker holds while it lives: routes and templates are loaded by the parent, the database
 * by each child.  Into the settings goes what stands on the disk: names of static files, and the
 * schema that this version is for. */
const struct err *server_load(struct arena *a, struct settings *settings,
			      struct server *ret) must_check;
const struct err *server_connect(struct arena *a, struct server *server) must_check;
/* Of the program named: its own connection string, or the common one under the program's role. */
struct db_settings server_database(struct arena *a, const struct settings *settings,
				   const char *program);

#endif
