/* Lists of people to invite; see invite_list.h. */
#include "people/invite_list.h"

#include "kit/base/arena.h"
#include "kit/base/csv.h"
#include "mail/mail.h"
#include "people/roles.h"

#define EMAIL_MAX 254
#define TEAM_MAX  80
#define SHOWN_MAX 254 /* bytes of a cell that the report repeats */
#define COLUMNS   20  /* looked at in a head */

const struct names invite_outcomes =
	NAMES("ok", "sent", "member", "invited", "bad_address", "unknown_role", "unknown_team",
	      "duplicate", "over_limit");
const struct names invite_outcome_words = NAMES(
	"Can be invited", "Invited", "Already in the account", "Has an open invite",
	"No e-mail address", "No such role", "No such team", "Twice in the list", "No seat left");

static struct str name_of(enum invite_outcome outcome)
{
	return names_text(&invite_outcomes, (int)outcome);
}

/* ---- what a line says ---- */

/* "Team admin" is team_admin, and so is "admin". */
static struct str role_of(struct arena *a, struct str text)
{
	struct str lower = str_lower(a, text);
	char *copy = arena_alloc(a, lower.n + 1, 1);

	for (size_t at = 0; at < lower.n; at++)
		copy[at] = lower.p[at] == ' ' || lower.p[at] == '-' ? '_' : lower.p[at];
	lower.p = copy;
	return str_eq(lower, STR("admin")) ? STR("team_admin") : lower;
}

static bool is_given_role(struct str role)
{
	int found;

	return names_find(&role_names, role, &found) && found != ROLE_SUPER_ADMIN;
}

static bool fits(struct str text, size_t most)
{
	return str_utf8_length(text) <= most && !str_has_control(text, STR(""));
}

void invite_entry_judge(struct arena *a, struct invite_entry *e, struct str role)
{
	struct str email = str_trim(e->email), team = str_trim(e->team);
	struct str given = str_trim(e->role);
	bool addressed = fits(email, EMAIL_MAX) && !mail_check_address(email);
	struct str as = given.n ? role_of(a, given) : role;

	e->fault = !addressed              ? name_of(LINE_BAD_ADDRESS)
		   : !is_given_role(as)    ? name_of(LINE_UNKNOWN_ROLE)
		   : !fits(team, TEAM_MAX) ? name_of(LINE_UNKNOWN_TEAM)
					   : STR("");
	e->email = str_one_line(a, str_brief(a, email, SHOWN_MAX));
	e->role = str_one_line(a, str_brief(a, is_given_role(as) ? as : given, SHOWN_MAX));
	e->team = str_one_line(a, str_brief(a, team, SHOWN_MAX));
}

/* ---- the list ---- */

/* Where in a row each stands; -1: nowhere. */
struct columns {
	int email, role, team;
};

static bool is_one_of(struct str cell, const char *const *names)
{
	for (; *names; names++)
		if (str_eq_nocase(str_trim(cell), str_of(*names)))
			return true;
	return false;
}

/* Whether a row is a head, and where it says that what stands. */
static bool read_head(const struct str *cells, int n, struct columns *ret)
{
	static const char *const emails[] = { "email",         "e-mail",         "mail",
					      "email address", "e-mail address", NULL };
	static const char *const roles[] = { "role", NULL };
	static const char *const teams[] = { "team", NULL };
	struct columns found = { -1, -1, -1 };

	for (int at = n - 1; at >= 0; at--) {
		if (is_one_of(cells[at], emails))
			found.email = at;
		else if (is_one_of(cells[at], roles))
			found.role = at;
		else if (is_one_of(cells[at], teams))
			found.team = at;
	}
	if (found.email < 0)
		return false;
	*ret = found;
	return true;
}

/* One row's cells, of which the first COLUMNS count; says how many there are, 0 for an empty row.
 */
static int read_row(struct arena *a, struct str *rest, char separator, struct str cells[COLUMNS])
{
	bool ends = false, empty = true;
	int n = 0;

	while (!ends) {
		struct str cell = csv_cell(a, rest, separator, &ends);

		empty = empty && str_trim(cell).n == 0;
		if (n < COLUMNS)
			cells[n++] = cell;
	}
	return empty ? 0 : n;
}

static struct str cell_at(const struct str *cells, int n, int at)
{
	return at >= 0 && at < n ? cells[at] : STR("");
}

static int64_t lines_in(struct str from, struct str rest)
{
	int64_t n = 0;

	for (size_t at = 0; at < from.n - rest.n; at++)
		n += from.p[at] == '\n' ||
		     (from.p[at] == '\r' && (at + 1 >= from.n || from.p[at + 1] != '\n'));
	return n;
}

struct list invite_list_read(struct arena *a, struct str text, struct str role)
{
	struct invite_entry *all = ARENA_ARRAY(a, struct invite_entry, INVITE_LIST_MOST + 1);
	struct columns columns = { 0, 1, 2 };
	struct str cells[COLUMNS], rest = text;
	int64_t line = 1;
	bool first = true;
	size_t n = 0;
	char separator;

	if (str_starts(rest, STR("\xef\xbb\xbf")))
		rest = str_skip(rest, 3);
	separator = csv_separator(rest);
	while (rest.n && n <= INVITE_LIST_MOST) {
		struct str from = rest;
		int got = read_row(a, &rest, separator, cells);

		if (got && !(first && read_head(cells, got, &columns))) {
			all[n] = (struct invite_entry){
				.n = line,
				.email = cell_at(cells, got, columns.email),
				.role = cell_at(cells, got, columns.role),
				.team = cell_at(cells, got, columns.team),
			};
			invite_entry_judge(a, &all[n++], role);
		}
		first = first && !got;
		line += lines_in(from, rest);
	}
	return LIST_OF(all, n);
}
