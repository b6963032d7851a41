#ifndef REPORTS_OUT_H
#define REPORTS_OUT_H

#include "reports/clean.h"
#include "reports/of_session.h"
#include "reports/store.h"

/* A session read to be written out: for exports, shared pages and print. */
struct taken_out {
	struct session session;
	struct account_name *account;
	struct cleaning_read cleaning;
};

/* Commits. */
const struct err *out_read(struct req *r, struct uuid session, struct taken_out *ret) must_check;
/* ERR_FORBIDDEN where whoever asks may not take it out. */
const struct err *out_check(struct req *r, const struct taken_out *out) must_check;

#endif
