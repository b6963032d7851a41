/* What a value is like: a secret, a word of a sentence, or something that stands for a value. */
#include <string.h>

#include "kit/redact/scan.h"

/* Signs that people put into passwords and seldom into words. */
#define STRONG "!@#$%^*+=?~&{}[]<>"

struct looks {
	size_t upper, lower, digits, strong, other;
};

static struct looks look_at(struct str v)
{
	struct looks l = { 0 };

	for (size_t at = 0; at < v.n; at++) {
		char c = v.p[at];

		if (is_digit(c))
			l.digits++;
		else if (is_upper(c))
			l.upper++;
		else if (is_lower(c))
			l.lower++;
		else if (is_one_of(c, STRONG))
			l.strong++;
		else
			l.other++;
	}
	return l;
}

static bool begins(struct str v, const char *word)
{
	size_t n = strlen(word);

	return v.n >= n && str_eq_nocase(str_first(v, n), str_of(word));
}

/* "90days", "14-character", "2nd": a number and what it counts. */
static bool counts(struct str v)
{
	static const char *const units[] = { "day",  "hour", "min",  "sec", "char",
					     "week", "mont", "year", "th",  "nd",
					     "rd",   "st",   "gb",   "mb",  "bit" };
	size_t at = 0;

	while (at < v.n && (is_digit(v.p[at]) || v.p[at] == '-'))
		at++;
	if (!at)
		return false;
	for (size_t row = 0; row < sizeof(units) / sizeof(units[0]); row++) {
		if (begins(str_skip(v, at), units[row]))
			return true;
	}
	return false;
}

/* Error codes, updates, paths and addresses of pages have digits and signs too. */
static bool known_to_be_none(struct str v)
{
	return begins(v, "0x") || (begins(v, "kb") && v.n > 2 && is_digit(v.p[2])) ||
	       begins(v, "http") || begins(v, "[redacted:") || begins(v, "[var:") ||
	       memchr(v.p, '\\', v.n) || (v.p[0] == '/' && memchr(v.p + 1, '/', v.n - 1)) ||
	       counts(v);
}

static struct str without_end_marks(struct str v)
{
	while (v.n && is_one_of(v.p[v.n - 1], ".,;:!?)]}>\"'*`|"))
		v.n--;
	return v;
}

bool value_is_secret(struct str v)
{
	struct str core = without_end_marks(v);
	struct looks l = look_at(core);
	size_t letters = l.upper + l.lower + l.other;

	if (core.n < 4 || known_to_be_none(v) || value_is_stand_in(v))
		return false;
	if (l.digits == core.n)
		return true;
	if (l.digits && (l.upper + l.lower) && core.n >= 6)
		return true;
	return l.strong && letters + l.digits && !(l.strong == 1 && is_one_of(core.p[0], "#$@<[{"));
}

bool value_is_stand_in(struct str v)
{
	static const char *const marks[] = { "<>", "{}", "[]", "%%" };
	struct looks l;
	size_t same = 0;

	v = without_end_marks(v).n && v.p[0] != '<' && v.p[0] != '{' && v.p[0] != '['
		    ? without_end_marks(v)
		    : v;
	l = look_at(v);
	while (same < v.n && is_one_of(v.p[same], "*.xX_-?#"))
		same++;
	if (same == v.n)
		return true;
	for (size_t row = 0; row < sizeof(marks) / sizeof(marks[0]); row++) {
		if (v.n > 2 && v.p[0] == marks[row][0] && memchr(v.p + 1, marks[row][1], v.n - 1) &&
		    !l.digits && l.strong <= 4)
			return true;
	}
	return v.p[0] == '$' && v.n > 1 && l.strong == 1 && !l.digits;
}

bool value_is_prose(struct str v)
{
	static const char words[] =
		" a about accepted after again age all already also an and any are ask asked "
		"at be because been "
		"before being below blank but by call called can cannot change changed changes "
		"check clear "
		"complete completed complexity confirm confirmed contact could current "
		"did disabled do does done don't each either empty enabled ensure enter "
		"entered error "
		"every expire expired expires expiry fail failed fails false field fine for forgot "
		"forgotten from "
		"get give given go good had has have he hidden hint his her history if in "
		"incorrect "
		"invalid is it its keep kept known last leave left length let lock locked log "
		"login look "
		"make manager mandatory match matches may maximum minimum missing must my n/a na "
		"needed "
		"needs never new next no none not note null of off ok okay old on once only "
		"open optional or other our own passwords pending per please policy "
		"prompt "
		"protected provided read redacted rejected removed required reset resets same "
		"saved say "
		"see send sent set she should shown sign since so stays still stored sync synced "
		"temporary tested that the their them then there these they this those tick to "
		"true "
		"try type unchanged under unknown unlocked unset until update updated use used "
		"user username "
		"users valid vault verified verify was we were what when where which who will with "
		"without "
		"work worked working works wrong yes you your ";
	struct str core = without_end_marks(v);
	char room[24];

	if (core.n == 0 || core.n > 20)
		return core.n == 0;
	room[0] = ' ';
	for (size_t at = 0; at < core.n; at++)
		room[at + 1] = to_lower(core.p[at]);
	room[core.n + 1] = ' ';
	room[core.n + 2] = '\0';
	return strstr(words, room) != NULL;
}
