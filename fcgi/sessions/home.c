/* What the home page shows of sessions; see sessions.h. */
#include "kit/base/arena.h"
#include "people/people.h"
#include "sessions/inside.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

struct going_line {
	struct uuid id;
	struct str name, step, about, ago, wakes;
	struct instant at;
	bool parked, escalated;
};

struct waiting_line {
	struct uuid id;
	struct str name, about, preparer, ago;
	struct instant at;
	bool mine, stale, outdated;
};

#define L struct going_line
static const struct shape going_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, name), F_STR(L, step), F_STR(L, about), F_STR(L, ago),
	      F_STR(L, wakes), F_TIME(L, at), F_BOOL(L, parked), F_BOOL(L, escalated));
#undef L
#define L struct waiting_line
static const struct shape waiting_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, name), F_STR(L, about), F_STR(L, preparer), F_STR(L, ago),
	      F_TIME(L, at), F_BOOL(L, mine), F_BOOL(L, stale), F_BOOL(L, outdated));
#undef L
#define H struct sessions_home
const struct shape sessions_home_shape =
	SHAPE(H, F_LIST(H, last, &going_shape), F_LIST(H, going, &going_shape),
	      F_LIST(H, waiting, &waiting_shape), F_BOOL(H, has_going), F_BOOL(H, has_others),
	      F_BOOL(H, has_waiting), F_BOOL(H, runs));
#undef H

void sessions_home_read(struct req *r, struct sessions_home *ret)
{
	*ret = (struct sessions_home){ .runs = false };
	store_sessions_going(r->tx, &ret->going);
	store_sessions_waiting(r->tx, &ret->waiting);
}

static struct going_line going_line(struct req *r, const struct going_row *row)
{
	return (struct going_line){
		.id = row->id,
		.name = row->flow_name,
		.step = session_named(r->arena, row->intake, row->variables, row->title),
		.about = session_for(r, row->ticket, row->client),
		.at = row->updated_at,
		.ago = clock_ago(r->arena, row->updated_at),
		.parked = row->parked,
		.escalated = row->escalated,
		.wakes = row->parked ? clock_words(r->arena, row->wake_at) : STR_NONE,
	};
}

static bool rests(const struct going_line *line)
{
	return line->parked || line->escalated;
}

/* What was worked on last comes first, what rests behind all that does not. */
static bool comes_before(const struct going_line *a, const struct going_line *b)
{
	return rests(a) != rests(b) ? rests(b) : a->at.us > b->at.us;
}

static struct list going_lines(struct req *r, struct list rows)
{
	struct going_line *lines = ARENA_ARRAY(r->arena, struct going_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		struct going_line line = going_line(r, &((const struct going_row *)rows.items)[at]);
		size_t to = at;

		for (; to > 0 && comes_before(&line, &lines[to - 1]); to--)
			lines[to] = lines[to - 1];
		lines[to] = line;
	}
	return LIST_OF(lines, rows.n);
}

static struct list waiting_lines(struct req *r, struct list rows)
{
	struct waiting_line *lines = ARENA_ARRAY(r->arena, struct waiting_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct waiting_row *row = &((const struct waiting_row *)rows.items)[at];

		lines[at] = (struct waiting_line){
			.id = row->id,
			.name = row->flow_name,
			.about = session_for(r, row->ticket, row->client),
			.preparer = row->preparer,
			.at = row->created_at,
			.ago = clock_ago(r->arena, row->created_at),
			.mine = row->mine,
			.stale = session_is_stale(row->created_at),
			.outdated = row->outdated,
		};
	}
	return LIST_OF(lines, rows.n);
}

void sessions_home_ready(struct req *r, struct sessions_home *home)
{
	struct list going = going_lines(r, home->going);
	const struct going_line *lines = going.items;

	home->runs = role_may((enum role)r->who->row->role, PERM_RUN);
	home->has_going = home->runs && going.n > 0;
	home->has_others = going.n > 1;
	home->last = LIST_OF(lines, going.n > 0);
	home->going = LIST_OF(lines + (going.n > 0), going.n - (going.n > 0));
	home->waiting = waiting_lines(r, home->waiting);
	home->has_waiting = home->runs && home->waiting.n > 0;
}
