#ifndef APP_FEATURES_H
#define APP_FEATURES_H

#include "kit/http/http.h"

struct chore;
struct job_kind;
struct sql;

/* What every room adds to the program: the only lists to extend, each ended by NULL. */
extern const struct route *const feature_routes[];
extern const struct view *const *const feature_views[];
/* What the jobs program renders, a few templates of all. */
extern const struct view *const *const feature_mails[];
extern const struct sql *const *const feature_statements[];
extern const struct job_kind *const feature_jobs[];
extern const struct chore *const feature_chores[];

#endif
