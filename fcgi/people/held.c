/* What somebody holds, in words and with the way to each; see held.h. */
#include "people/held.h"

#include "kit/base/arena.h"

struct held_item {
	struct str href, name, about, ago;
	struct instant at;
};

static const struct shape held_item_shape = SHAPE(
	struct held_item, F_STR(struct held_item, href), F_STR(struct held_item, name),
	F_STR(struct held_item, about), F_STR(struct held_item, ago), F_TIME(struct held_item, at));
const struct shape held_group_shape =
	SHAPE(struct held_group, F_STR(struct held_group, title), F_STR(struct held_group, more),
	      F_INT(struct held_group, total), F_LIST(struct held_group, items, &held_item_shape),
	      F_BOOL(struct held_group, may_hand_on));

static const struct {
	const char *title, *path;
} kinds[HOLDS__MAX] = {
	[HOLDS_RUNNING] = { "Sessions under way", "/sessions" },
	[HOLDS_CLAIMED] = { "Hand-offs taken over", "/escalations" },
	[HOLDS_WAITING] = { "Hand-offs that wait for them", "/escalations" },
	[HOLDS_PREPARED] = { "Prepared sessions for them", "/sessions" },
	[HOLDS_FLOW] = { "Flows they wrote", "/flows" },
};

/* Who looks in from the platform is shown how much it is; whose it was for, and the way to each, is
 * the account's own. */
static bool may_open(const struct req *r)
{
	return role_may((enum role)r->who->row->role, PERM_CURATE);
}

static struct list items_of(struct req *r, const struct holding_row *rows, size_t n)
{
	struct held_item *items = ARENA_ARRAY(r->arena, struct held_item, n);

	for (size_t at = 0; at < n; at++)
		items[at] = (struct held_item){
			.href = may_open(r) ? str_fmt(r->arena, "%s/%s", kinds[rows[at].kind].path,
						      rows[at].id.text)
					    : STR_NONE,
			.name = rows[at].name,
			.about = rows[at].kind != HOLDS_FLOW && may_open(r) ? rows[at].about
									    : STR_NONE,
			.at = rows[at].at,
			.ago = clock_ago(r->arena, rows[at].at),
		};
	return LIST_OF(items, n);
}

static struct held_group group_of(struct req *r, const struct holding_row *rows, size_t n)
{
	int64_t more = rows->total - (int64_t)n;

	return (struct held_group){
		.title = str_of(kinds[rows->kind].title),
		.total = rows->total,
		.items = items_of(r, rows, n),
		.more = more > 0 ? str_fmt(r->arena, "and %lld more", (long long)more) : STR_NONE,
		.may_hand_on = rows->kind == HOLDS_RUNNING && may_open(r),
	};
}

struct list held_groups(struct req *r, struct list list)
{
	struct held_group *groups = ARENA_ARRAY(r->arena, struct held_group, HOLDS__MAX);
	const struct holding_row *rows = list.items;
	size_t n = 0;

	for (size_t from = 0, to; from < list.n; from = to) {
		for (to = from; to < list.n && rows[to].kind == rows[from].kind;)
			to++;
		groups[n++] = group_of(r, &rows[from], to - from);
	}
	return LIST_OF(groups, n);
}
