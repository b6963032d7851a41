/* How it all stands: what super_admins find first. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "platform/pages.h"
#include "platform/trouble.h"

struct overview_page {
	int64_t accounts, suspended, closing, new_accounts, seen, codes_open;
	bool fresh; /* nobody but whoever runs it is here yet */
	bool open, by_code, closed;
	struct list troubles, newest;
};

#define V struct overview_page
static const struct shape overview_page_shape =
	SHAPE(V, F_INT(V, accounts), F_INT(V, suspended), F_INT(V, closing), F_INT(V, new_accounts),
	      F_INT(V, seen), F_INT(V, codes_open), F_BOOL(V, fresh), F_BOOL(V, open),
	      F_BOOL(V, by_code), F_BOOL(V, closed), F_LIST(V, troubles, &platform_trouble_shape),
	      F_LIST(V, newest, &platform_account_view_shape));
#undef V
const struct view platform_overview_view = { "platform/overview", &overview_page_shape };

#define NEWEST 5

const struct err *platform_home(struct req *r)
{
	const struct account_wish newest = {
		.q = STR(""), .plan = STR(""), .state = STR(""), .most = NEWEST
	};
	struct str mode = r->settings->registration;
	struct account_view *lines;
	struct overview_row *row;
	struct list rows, queues;
	struct overview_page page;

	store_platform_overview(r->tx, &row);
	store_platform_accounts(r->tx, &newest, &rows);
	store_platform_queues(r->tx, &queues);
	TRY(tx_run(r->tx));
	lines = ARENA_ARRAY(r->arena, struct account_view, rows.n);
	for (size_t at = 0; at < rows.n; at++)
		lines[at] = platform_account_view(r, &((const struct account_row *)rows.items)[at]);
	page = (struct overview_page){
		.accounts = row->accounts,
		.suspended = row->suspended,
		.closing = row->closing,
		.new_accounts = row->new_accounts,
		.seen = row->seen,
		.codes_open = row->codes_open,
		.fresh = row->accounts == 1,
		.open = str_eq(mode, STR("open")),
		.by_code = str_eq(mode, STR("code")),
		.closed = str_eq(mode, STR("closed")),
		.troubles = platform_troubles(r->arena, queues),
		.newest = LIST_OF(lines, rows.n),
	};
	return reply_page(r, &platform_overview_view, &page);
}

static const struct err *overview_api(struct req *r)
{
	struct overview_row *row;

	store_platform_overview(r->tx, &row);
	TRY(tx_run(r->tx));
	return reply_json(r, &platform_overview_shape, row);
}

const struct route platform_overview[] = {
	{ GET, "/api/v1/platform/overview", .need = PERM_PLATFORM, .run = overview_api,
	  .output = &platform_overview_shape,
	  .about = "How many accounts there are, and how they stand" },
	{ GET, "/platform", .need = PERM_PLATFORM, .run = platform_home },
	{ 0 },
};

const struct view *const platform_views[] = {
	&platform_overview_view, &platform_accounts_view,
	&platform_new_view,      &platform_made_view,
	&platform_account_page,  &platform_suspend_view,
	&platform_codes_view,    &platform_code_view,
	&platform_system_view,   NULL,
};
