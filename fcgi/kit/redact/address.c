/* Addresses: of people, machines and interfaces, and the passwords within addresses of pages. */
#include <arpa/inet.h>
#include <string.h>

#include "kit/redact/scan.h"

#define LOCAL_MAX     64
#define DOMAIN_MAX    253
#define AUTHORITY_MAX 300

/* ---- e-mail ---- */

static bool in_local(char c)
{
	return is_letter(c) || is_digit(c) || is_one_of(c, "._%+'-");
}

/* A dot, also as "[.]", which people write so that nobody clicks; past it, or 0. */
static size_t past_dot(const struct scan *s, size_t at)
{
	if (scan_at(s, at) == '.')
		return at + 1;
	if (is_one_of(scan_at(s, at), "[(") && scan_at(s, at + 1) == '.' &&
	    is_one_of(scan_at(s, at + 2), "])"))
		return at + 3;
	return 0;
}

size_t address_at_sign(struct scan *s, size_t at)
{
	size_t from = at, end = at + 1, last = 0, past;

	while (from && at - from < LOCAL_MAX && in_local(s->p[from - 1]))
		from--;
	while (from < at && is_one_of(s->p[from], ".'-%+"))
		from++;
	while (end - at < DOMAIN_MAX) {
		if ((past = past_dot(s, end)) && end > at + 1 && is_alnum(scan_at(s, past)))
			last = end = past;
		else if (is_letter(scan_at(s, end)) || is_digit(scan_at(s, end)) ||
			 (scan_at(s, end) == '-' && end > at + 1))
			end++;
		else
			break;
	}
	while (end > last && s->p[end - 1] == '-')
		end--;
	if (from == at || !last || end - last < 2)
		return 0;
	if (is_digit(s->p[last]) || is_digit(s->p[last + 1]))
		return 0; /* logo@1.2.30 */
	return scan_found(s, from, end, REDACT_EMAIL);
}

/* ---- //user:password@host ---- */

size_t address_authority(struct scan *s, size_t at)
{
	size_t from = at + 2, end = from, sign = 0;
	const char *colon;
	struct str user;

	if (scan_at(s, at + 1) != s->p[at] || (s->p[at] == '/' && (!at || s->p[at - 1] != ':')))
		return 0;
	for (; end - at < AUTHORITY_MAX && scan_at(s, end); end++) {
		if (is_space(s->p[end]) || is_one_of(s->p[end], "/\\\"<>"))
			break;
		sign = s->p[end] == '@' ? end : sign;
	}
	if (!sign)
		return 0;
	user = scan_text(s, from, sign);
	colon = memchr(user.p, ':', user.n);
	if (!colon)
		return user.n >= 16 && value_is_secret(user)
			       ? scan_found(s, from, sign, REDACT_TOKEN)
			       : 0;
	from = (size_t)(colon - s->p) + 1;
	if (from == sign || value_is_stand_in(scan_text(s, from, sign)))
		return 0;
	/* Past the sign, or password@host would be an e-mail address. */
	return scan_found(s, from, sign, REDACT_UNC) + 1;
}

/* ---- IP ---- */

/* The word before `at`, past a colon or bracket; in lower case. */
static struct str word_before(const struct scan *s, size_t at, char room[16])
{
	size_t n = 0, end;

	while (at && is_one_of(s->p[at - 1], " \t:=(*`\"#."))
		at--;
	end = at;
	while (at && end - at < 15 && is_alpha(s->p[at - 1]))
		at--;
	while (at < end)
		room[n++] = to_lower(s->p[at++]);
	return (struct str){ room, n };
}

/* "version 2.4.1.0" looks like an address and is none. */
static bool is_version(const struct scan *s, size_t at)
{
	static const char *const words[] = { "version",  "versions",    "ver",   "v",
					     "firmware", "fw",          "build", "release",
					     "rev",      "revision",    "agent", "client",
					     "driver",   "drivers",     "bios",  "update",
					     "patch",    "fileversion", "oid" };
	char room[16];
	struct str word = word_before(s, at, room);

	for (size_t row = 0; row < sizeof(words) / sizeof(words[0]); row++) {
		if (str_eq(word, str_of(words[row])))
			return true;
	}
	return false;
}

/* Masks, the own machine, and resolvers that everybody uses tell nothing of a customer. */
static bool is_common(const unsigned char o[4])
{
	static const unsigned char public[][4] = { { 8, 8, 8, 8 }, { 8, 8, 4, 4 }, { 1, 1, 1, 1 },
						   { 1, 1, 1, 2 }, { 1, 0, 0, 1 }, { 9, 9, 9, 9 },
						   { 0, 0, 0, 0 } };

	for (size_t row = 0; row < sizeof(public) / sizeof(public[0]); row++) {
		if (!memcmp(o, public[row], 4))
			return true;
	}
	return o[0] == 127 || o[0] == 255;
}

static size_t ip4(const struct scan *s, size_t at)
{
	unsigned char octets[4];
	size_t from = at;

	if (at > 1 && s->p[at - 1] == '.' && is_digit(s->p[at - 2]))
		return 0;
	for (int n = 0; n < 4; n++) {
		unsigned value = 0;
		size_t digits = 0;

		if (n && !(at = past_dot(s, at)))
			return 0;
		for (; digits < 4 && is_digit(scan_at(s, at)); digits++, at++)
			value = value * 10 + (unsigned)(s->p[at] - '0');
		if (!digits || digits > 3 || value > 255)
			return 0;
		octets[n] = (unsigned char)value;
	}
	if (is_alnum(scan_at(s, at)) || (scan_at(s, at) == '.' && is_digit(scan_at(s, at + 1))))
		return 0;
	return is_common(octets) || is_version(s, from) ? 0 : at;
}

static size_t ip6(const struct scan *s, size_t at)
{
	char room[INET6_ADDRSTRLEN + 1];
	struct in6_addr address;
	size_t n = 0, colons = 0, digits = 0;

	while (n < sizeof(room) - 1 &&
	       (is_hex(scan_at(s, at + n)) || is_one_of(scan_at(s, at + n), ":."))) {
		room[n] = s->p[at + n];
		colons += room[n] == ':';
		digits += is_digit(room[n]);
		n++;
	}
	while (n > 2 && is_one_of(room[n - 1], ":.") && (room[n - 1] == '.' || room[n - 2] != ':'))
		colons -= room[--n] == ':';
	room[n] = '\0';
	if (colons < 2 || (!digits && colons < 4) || is_alnum(scan_at(s, at + n)) ||
	    inet_pton(AF_INET6, room, &address) != 1)
		return 0;
	return IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address) ? 0 : at + n;
}

/* ---- MAC: 00:1a:2b:3c:4d:5e, 00-1A-..., 001a.2b3c.4d5e ---- */

static size_t hex_groups(const struct scan *s, size_t at, size_t groups, size_t length, char sign)
{
	for (size_t n = 0; n < groups; n++) {
		if (n && scan_at(s, at++) != sign)
			return 0;
		for (size_t digit = 0; digit < length; digit++) {
			if (!is_hex(scan_at(s, at++)))
				return 0;
		}
	}
	return is_alnum(scan_at(s, at)) || (scan_at(s, at) == sign && is_hex(scan_at(s, at + 1)))
		       ? 0
		       : at;
}

/* 001A2B3C4D5E, where it is said what it is. */
static size_t bare_mac(const struct scan *s, size_t at)
{
	size_t past = hex_groups(s, at, 1, 12, 0);

	return past && scan_announced(s, at, 16, "mac physical ethernet") ? past : 0;
}

static size_t mac(const struct scan *s, size_t at)
{
	size_t past = hex_groups(s, at, 6, 2, ':');

	past = past ? past : hex_groups(s, at, 6, 2, '-');
	if (at && s->p[at - 1] == '-')
		return 0;
	past = past ? past : hex_groups(s, at, 3, 4, '.');
	return past ? past : bare_mac(s, at);
}

/* Is it the rest of something longer, such as 1:2:3 of 0:1:2:3?  "node:" before it is a word. */
static bool goes_back(const struct scan *s, size_t at)
{
	size_t from = at;

	if (!at || s->p[at - 1] != ':')
		return false;
	for (from = at - 1; from && at - from < 6 && is_hex(s->p[from - 1]);)
		from--;
	return from == 0 || !is_alnum(s->p[from - 1]);
}

size_t address_detect(struct scan *s, size_t at)
{
	bool colon = s->p[at] == ':';
	size_t past;

	if (!is_hex(s->p[at]) && !(colon && scan_at(s, at + 1) == ':'))
		return 0;
	if (is_digit(s->p[at]) && (past = ip4(s, at)))
		return scan_found(s, at, past, REDACT_IP);
	if (goes_back(s, at))
		return 0;
	if (!colon && (past = mac(s, at)))
		return scan_found(s, at, past, REDACT_MAC);
	past = ip6(s, at);
	return past ? scan_found(s, at, past, REDACT_IP) : 0;
}
