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
	struct list story; /* of its hand-offs */
};

/* ERR_FORBIDDEN where whoever asks may not take it out. */
const struct err *out_check(struct req *r, const struct session *s) must_check;
/* Commits; whether it may be taken out is still to be asked. */
const struct err *out_read(struct req *r, struct uuid session, struct taken_out *ret) must_check;
/* Checked, and locked: what is recorded is what was read. */
const struct err *out_open(struct req *r, struct taken_out *ret) must_check;

struct out_wish {
	int format, detail, unfilled; /* enum report_format, report_detail, unfilled */
	bool redact, scratchpad;
	bool choose;            /* its lines are listed as well */
	struct list keep, drop; /* see clean.h */
};
/* Its report, cut and cleaned, in any format; cleaning: what was taken out of it. */
const struct err *out_report(struct req *r, const struct taken_out *out,
			     const struct out_wish *wish, struct cleaning *cleaning,
			     struct report *ret) must_check;

#endif
