/* The home page: a part of each room that has something for whoever comes. */
#include "app/home.h"

#include "flows/flows.h"
#include "kit/db/db.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "platform/platform.h"
#include "sessions/sessions.h"

struct home_page {
	struct people_home account;
	struct flows_home flows;
	struct sessions_home sessions;
	bool has_flows, has_pinned, may_make;
};

#define H struct home_page
static const struct shape home_shape =
	SHAPE(H, F_OBJECT(H, account, struct people_home, &people_home_shape),
	      F_OBJECT(H, flows, struct flows_home, &flows_home_shape),
	      F_OBJECT(H, sessions, struct sessions_home, &sessions_home_shape),
	      F_BOOL(H, has_flows), F_BOOL(H, has_pinned), F_BOOL(H, may_make));
static const struct view home_view = { "app/home", &home_shape };

static const struct err *home_show(struct req *r)
{
	struct home_page page = { 0 };

	if (!r->who)
		return people_welcome(r);
	if (role_may(r->who->role, PERM_PLATFORM))
		return platform_home(r);
	people_home_read(r, &page.account);
	flows_home_read(r, &page.flows);
	sessions_home_read(r, &page.sessions);
	TRY(tx_run(r->tx));
	if (r->who->row->second_factor_due)
		return people_ask_second_factor(r);
	people_home_ready(r, &page.account);
	flows_home_ready(r, &page.flows);
	sessions_home_ready(r, &page.sessions);
	page.has_flows = page.flows.recent.n > 0;
	page.has_pinned = page.flows.pinned.n > 0;
	page.may_make = role_may((enum role)r->who->row->role, PERM_FLOWS);
	return reply_page(r, &home_view, &page);
}

const struct route home_routes[] = {
	{ GET, "/", .run = home_show },
	{ 0 },
};

const struct view *const home_views[] = { &home_view, NULL };
