#ifndef PLATFORM_PAGES_H
#define PLATFORM_PAGES_H

#include "platform/acts.h"

/* What the room's pages share; private to the room. */

/* An account as pages show it. */
struct account_view {
	struct uuid id;
	struct str name, plan, created_ago, seen_ago, reason, code, suspended_ago, closing_text;
	struct instant created, seen, suspended_at, closing_at;
	int64_t people, flows, sessions;
	bool suspended, closing, yours;
};
extern const struct shape platform_account_view_shape;
struct account_view platform_account_view(struct req *r, const struct account_row *row);

extern const struct view platform_accounts_view, platform_new_view, platform_made_view,
	platform_account_page, platform_suspend_view, platform_codes_view, platform_code_view,
	platform_overview_view, platform_system_view;

#endif
