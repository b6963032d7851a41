#ifndef REPORTS_CUT_H
#define REPORTS_CUT_H

#include "reports/reports.h"

/* Private to the room: the seal's line with zeros for digits. */
struct str report_blank_record(struct arena *a);

#endif
