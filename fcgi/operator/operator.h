#ifndef OPERATOR_OPERATOR_H
#define OPERATOR_OPERATOR_H

#include "kit/base/err.h"
#include "kit/base/shape.h"
#include "kit/db/db.h"

struct settings;

/*
 * What the operator's command does to people: acts of whoever rules the machine, so nobody is asked
 * for leave, and the audit log of the person's account tells of them.  All of them need a db of the
 * owner (server_database's "migrate") with these statements.
 */
extern const struct sql *const *const operator_lists[];

struct operating {
	struct arena *arena;
	const struct settings *settings;
	struct db *db;
	struct str who; /* for the audit log: "resolutionflow, run by root" */
};

/* link: none, where a password was given or nothing was to be done. */
struct admin_added {
	struct str account, link;
	bool was_one; /* and stays as they are */
};

/* password: none for a link.  account: none for the one that there is, or Platform. */
struct new_admin {
	struct str email, name, account, password;
};
const struct err *admin_add(const struct operating *op, const struct new_admin *wish,
			    struct admin_added *ret) must_check;

struct admin_row {
	struct str email, name;
	bool active;
	struct str account;
	bool second_factor;
	struct instant created_at, last_seen;
};
extern const struct shape admin_shape;
const struct err *admin_list(const struct operating *op, struct list *ret) must_check;
/* ERR_CONFLICT for the last. */
const struct err *admin_remove(const struct operating *op, struct str email) must_check;

/*
 * Gives a link to choose a password by: the old one holds no more and every device is signed out.
 * second_factor: takes the person's authenticator and recovery codes away, too.
 */
const struct err *password_reset(const struct operating *op, struct str email, bool second_factor,
				 struct str *ret) must_check;

#endif
