#ifndef NOTICES_NOTICES_H
#define NOTICES_NOTICES_H

#include "kit/http/http.h"

struct sql;

/* Where a person reads what concerns them; record.h's notice_add writes it. */
extern const struct route notices_routes[];
extern const struct view *const notices_views[];
extern const struct sql *const notices_statements[];

#endif
