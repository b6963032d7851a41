/* The doctor's statements and shapes; see store.h and store.sql. */
#include "doctor/store.h"

#include "kit/db/migrate.h"

const struct names finding_states = NAMES("ok", "warn", "fail", "skip");
#define F struct finding
const struct shape finding_shape = SHAPE(F, F_ENUM(F, state, &finding_states), F_STR(F, check),
					 F_STR(F, found), F_STR(F, advice));
#undef F
static const struct shape line_shape = SHAPE(struct line, F_STR(struct line, text));
static const struct shape moment_shape = SHAPE(struct moment, F_TIME(struct moment, at));

#include "fcgi/doctor/store.sql.h"

static const struct sql *const catalogue[] = {
	&sql_roles_missing,
	&sql_roles_mighty,
	&sql_roles_owning,
	&sql_walls,
	&sql_doors,
	&sql_indexes,
	&sql_unsafe,
	&sql_checksums,
	&sql_connections,
	&sql_clock,
	NULL,
};
static const struct sql *const tables[] = { &sql_stuck, &sql_unsealed, &sql_dead, &sql_chores_late,
					    NULL };

const struct sql *const *const doctor_catalogue[] = { catalogue, NULL };
const struct sql *const *const doctor_tables[] = { tables, migrate_statements, NULL };

const struct sql *const doctor_roles_missing = &sql_roles_missing;
const struct sql *const doctor_roles_mighty = &sql_roles_mighty;
const struct sql *const doctor_roles_owning = &sql_roles_owning;
const struct sql *const doctor_walls = &sql_walls;
const struct sql *const doctor_doors = &sql_doors;
const struct sql *const doctor_indexes = &sql_indexes;
const struct sql *const doctor_unsafe = &sql_unsafe;
const struct sql *const doctor_checksums = &sql_checksums;
const struct sql *const doctor_stuck = &sql_stuck;
const struct sql *const doctor_unsealed = &sql_unsealed;
const struct sql *const doctor_dead = &sql_dead;

void doctor_connections(struct tx *t, int64_t wanted, struct list *ret)
{
	tx_list(t, &sql_connections, ret, P(wanted));
}

void doctor_clock(struct tx *t, struct moment **ret)
{
	tx_one(t, &sql_clock, ret);
}

void doctor_chores_late(struct tx *t, struct list names, struct list seconds, struct list *ret)
{
	tx_list(t, &sql_chores_late, ret, P(names), P(seconds));
}
