#ifndef REPORTS_CUT_H
#define REPORTS_CUT_H

#include "reports/reports.h"

/* Private to the room: the part of a report that a detail has, its steps numbered. */
struct report report_cut(struct arena *a, const struct report *r, enum report_detail detail);

/* The seal's line with zeros for digits. */
struct str report_blank_record(struct arena *a);

#endif
