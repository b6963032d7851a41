#ifndef PLANS_INSIDE_H
#define PLANS_INSIDE_H

#include "kit/http/form.h"
#include "plans/plans.h"

/* What the pages of this room share. */

extern const struct view offers_view, offer_view, account_limits_view;

/* An account's limits as the API tells them, of a list of struct usage_row. */
extern const struct shape limit_json_shape;
struct list limits_json(struct arena *a, struct list rows);

/* A form's fields for limits are texts, for an empty one is not 0. */
#define LIMIT_FIELDS  5
#define LIMIT_MEMBERS struct str flows, users, sessions_month, ai_calls_month, stored_mb
#define F_LIMIT(T, m, name)                                                                        \
	F_STR(T, m, .optional = true, .max = 12, .check = limit_check, .label = (name))
#define F_LIMITS(T)                                                                                \
	F_LIMIT(T, flows, "Flows"), F_LIMIT(T, users, "Users"),                                    \
		F_LIMIT(T, sessions_month, "Sessions a month"),                                    \
		F_LIMIT(T, ai_calls_month, "AI calls a month"),                                    \
		F_LIMIT(T, stored_mb, "Stored data, in MB")
#define LIMIT_CONTROLS                                                                             \
	{ "flows", CONTROL_TEXT, .autocomplete = "off", .inputmode = "numeric" },                  \
		{ "users", CONTROL_TEXT, .autocomplete = "off", .inputmode = "numeric" },          \
		{ "sessions_month", CONTROL_TEXT, .autocomplete = "off", .inputmode = "numeric" }, \
		{ "ai_calls_month", CONTROL_TEXT, .autocomplete = "off", .inputmode = "numeric" }, \
	{                                                                                          \
		"stored_mb", CONTROL_TEXT, .autocomplete = "off", .inputmode = "numeric"           \
	}
const char *limit_check(struct str typed);
/* What was typed into them as JSON, {"flows":10}: "none" is null, and what is empty is left out. */
struct str limits_typed(struct req *r);
/* What such a field holds before anyone types: a pair, of the limit's key and number, -1 is "none".
 */
struct pair limit_pair(struct arena *a, struct str key, int64_t most);
/* The body's "limits": an object, or {} where it is left out; what stands in it, the database
 * judges. */
const struct err *limits_given(struct req *r, struct str *ret) must_check;

#endif
