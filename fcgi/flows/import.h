#ifndef FLOWS_IMPORT_H
#define FLOWS_IMPORT_H

#include "flows/acts.h"

struct json;

/* A document of the JSON export, as POST /trees/import takes it; what is wrong stands in
 * r->problems. */
void tree_take_import(struct req *r, const struct json *json, struct flow_making *ret);

#endif
