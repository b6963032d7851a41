/* What is known by its digits: cards, telephone numbers, recovery keys; and product keys. */
#include <string.h>

#include "kit/redact/scan.h"

#define DIGITS_MAX 52
#define GROUPS_MAX 16

/* Groups of digits with one sign, or a line break, between two of them. */
struct digits {
	char all[DIGITS_MAX];
	size_t n, ngroups;
	struct group {
		size_t end, n; /* place behind it, digits up to here */
		char sign;     /* before it */
	} group[GROUPS_MAX];
};

static size_t past_signs(const struct scan *s, size_t at, const char *signs, char *sign)
{
	size_t wrap = scan_gap(s, at);
	size_t from = memchr(s->p + at, '\n', wrap - at) ? wrap : at, past = from;

	*sign = scan_at(s, at);
	while (past < from + 3 && is_one_of(scan_at(s, past), signs))
		*sign = s->p[past++] == '(' ? '(' : *sign;
	if (past == from + 1 && s->p[from] == '-')
		past = scan_gap(s, past);
	return past;
}

static void read_digits(const struct scan *s, size_t at, const char *signs, struct digits *ret)
{
	char sign = '\0';

	*ret = (struct digits){ 0 };
	while (is_digit(scan_at(s, at)) && ret->ngroups < GROUPS_MAX) {
		while (is_digit(scan_at(s, at)) && ret->n < DIGITS_MAX)
			ret->all[ret->n++] = s->p[at++];
		ret->group[ret->ngroups++] = (struct group){ at, ret->n, sign };
		at = past_signs(s, at, signs, &sign);
	}
}

static size_t group_length(const struct digits *d, size_t at)
{
	return d->group[at].n - (at ? d->group[at - 1].n : 0);
}

/* No letter or digit touches the number's end. */
static bool ends(const struct scan *s, size_t at)
{
	return !is_alnum(scan_at(s, at));
}

/* ---- recovery keys ---- */

static size_t recovery(const struct digits *d)
{
	for (size_t at = 0; at < d->ngroups && at < 11; at++) {
		if (d->group[at].n == 48)
			return d->group[at].end;
	}
	return 0;
}

/* ---- cards ---- */

static bool luhn(const char *digits, size_t n)
{
	int sum = 0;

	for (size_t at = 0; at < n; at++) {
		int digit = digits[n - 1 - at] - '0';

		digit *= at % 2 ? 2 : 1;
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

static bool issued(const char *d, size_t n)
{
	int two = (d[0] - '0') * 10 + d[1] - '0';

	if (d[0] == '4')
		return n == 13 || n == 16 || n == 19;
	if (two == 34 || two == 37)
		return n == 15;
	if (two == 36 || two == 38 || two == 30)
		return n == 14 || n == 16;
	return (d[0] == '5' || d[0] == '6' || d[0] == '2' || two == 35) && n >= 16;
}

static size_t card(const struct scan *s, size_t from, const struct digits *d)
{
	bool told = scan_announced(s, from, 30, "card visa master amex credit debit maestro cc");

	for (size_t at = 0; at < d->ngroups && at < 7; at++) {
		size_t n = d->group[at].n;
		bool fours = group_length(d, 0) == 4 && at < 5;

		if (n < 13 || n > 19 || !ends(s, d->group[at].end))
			continue;
		if (at && !told && (at > 5 || group_length(d, 0) < 2 || group_length(d, at) < 2))
			continue;
		if ((issued(d->all, n) && luhn(d->all, n)) || (told && (fours || at < 2)))
			return d->group[at].end;
	}
	return 0;
}

/* ---- telephone numbers ---- */

static bool is_date(const struct digits *d)
{
	size_t first = group_length(d, 0), second = d->ngroups > 1 ? group_length(d, 1) : 0;

	return d->ngroups > 2 && second <= 2 &&
	       ((first == 4 && (d->all[0] == '1' || d->all[0] == '2')) || first <= 2);
}

static bool signs_are(const struct digits *d, size_t groups, const char *signs)
{
	for (size_t at = 1; at < groups; at++) {
		if (!is_one_of(d->group[at].sign, signs))
			return false;
	}
	return true;
}

/* How many groups belong to it: 555-123-4567, 1 555 123 4567. */
static size_t north_american(const struct digits *d)
{
	size_t first = d->all[0] == '1' && group_length(d, 0) == 1;

	if (d->ngroups < first + 3 || group_length(d, first) != 3 ||
	    group_length(d, first + 1) != 3 || group_length(d, first + 2) != 4)
		return 0;
	if (d->all[first] < '2' || !signs_are(d, first + 3, "-. )"))
		return 0;
	if (d->group[first + 2].sign == ' ' && d->all[first + 3] < '2')
		return 0;
	return first + 3;
}

/* 020 7946 0958, 0171-1234567 */
static size_t national(const struct digits *d)
{
	size_t groups = d->ngroups < 5 ? d->ngroups : 5;

	if (d->all[0] != '0' || d->n < 9 || d->all[1] == '0' || group_length(d, 0) < 3 ||
	    is_date(d))
		return 0;
	while (groups > 1 && (d->group[groups - 1].n > 12 || group_length(d, groups - 1) < 2 ||
			      !signs_are(d, groups, "- /)")))
		groups--;
	return groups > 1 && d->group[groups - 1].n >= 9 ? groups : 0;
}

static size_t phone(const struct scan *s, size_t from, const struct digits *d)
{
	bool plus = from && s->p[from - 1] == '+';
	size_t groups = d->ngroups;

	for (size_t at = 2; at < groups; at++) {
		if (d->group[at].sign == '(')
			groups = at;
	}
	while (groups && d->group[groups - 1].n > 15)
		groups--;
	if (!groups)
		return 0;
	if (plus && d->group[groups - 1].n >= 8)
		return d->group[groups - 1].end;
	if (d->all[0] == '0' && d->all[1] == '0' && d->all[2] > '0' && d->ngroups > 1 &&
	    d->group[groups - 1].n >= 10)
		return d->group[groups - 1].end;
	groups = north_american(d);
	groups = groups ? groups : national(d);
	if (groups)
		return d->group[groups - 1].end;
	if (!scan_announced(s, from, 16, "tel phone telephone mobile cell fax call whatsapp sms") ||
	    is_date(d))
		return 0;
	for (groups = d->ngroups < 5 ? d->ngroups : 5; groups; groups--) {
		if (d->group[groups - 1].n >= 7 && d->group[groups - 1].n <= 15 &&
		    signs_are(d, groups, "- /)"))
			return d->group[groups - 1].end;
	}
	return 0;
}

size_t number_detect(struct scan *s, size_t at)
{
	size_t from = at, past;
	struct digits d;

	if (at && (is_alnum(s->p[at - 1]) || (s->p[at - 1] == '+' && s->p[at] != '(')))
		return 0;
	while (is_one_of(scan_at(s, from), "+("))
		from++;
	if (from > at + 2)
		return 0;
	read_digits(s, from, "-. /()", &d);
	if (d.n < 7)
		return 0;
	past = recovery(&d);
	if (past && ends(s, past))
		return scan_found(s, from, past, REDACT_BITLOCKER);
	past = card(s, from, &d);
	if (past)
		return scan_found(s, from, past, REDACT_CARD);
	past = phone(s, from, &d);
	return past && ends(s, past) ? scan_found(s, at, past, REDACT_PHONE) : 0;
}

/* ---- product keys ---- */

#define FIVES 5

size_t licence_detect(struct scan *s, size_t at)
{
	size_t digits = 0, letters = 0, lower = 0, from = at;
	bool dashes = true;

	if (at && s->p[at - 1] == '-')
		return 0;
	for (size_t n = 0; n < FIVES * 5; n++) {
		size_t next = at;

		if (n && n % 5 == 0) {
			next = scan_gap(s, at);
			dashes &= scan_at(s, next) == '-';
			next = scan_gap(s, next + (scan_at(s, next) == '-'));
			if (next == at)
				return 0;
		} else if (n && is_one_of(scan_at(s, at), "\r\n")) {
			next = scan_gap(s, at);
		}
		if (!is_alnum(scan_at(s, next)))
			return 0;
		at = next + 1;
		digits += is_digit(s->p[next]);
		letters += is_alpha(s->p[next]);
		lower += is_lower(s->p[next]);
	}
	if (!ends(s, at) || scan_at(s, at) == '-' || !letters || !digits)
		return 0;
	return dashes || (!lower && digits > 1) ? scan_found(s, from, at, REDACT_LICENCE) : 0;
}
