/* How a text, an entity and a link are written; see md.h. */
#include "kit/render/md.h"

#include <string.h>

#include "kit/base/arena.h"

#define REPLACEMENT "\xef\xbf\xbd"

void md_open(struct md *m, struct str tag)
{
	m->too_deep |= ++m->depth > MD_DEPTH_MAX;
	buf_put(&m->out, tag);
}

void md_close(struct md *m, struct str tag)
{
	m->depth--;
	buf_put(&m->out, tag);
}

void md_put_text(struct md *m, struct str s)
{
	struct str rest = s;

	while (rest.p) {
		buf_put_html(&m->out, str_cut(&rest, '\0'));
		if (rest.p)
			buf_put(&m->out, STR(REPLACEMENT));
	}
}

bool md_is_punctuation(char c)
{
	return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
	       (c >= '{' && c <= '~');
}

/* ---- entities ---- */

static size_t run_of(struct str s, size_t from, const char *allowed)
{
	size_t at = from;

	while (at < s.n && s.p[at] && strchr(allowed, s.p[at]))
		at++;
	return at - from;
}

size_t md_entity(struct str s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t lead = 1, n, most = 32;

	s = str_first(s, 40);
	if (s.n < 4 || s.p[0] != '&')
		return 0;
	if (s.p[1] != '#') {
		n = run_of(s, lead, letters);
	} else if ((s.p[2] | 0x20) == 'x') {
		lead = 3;
		most = 6;
		n = run_of(s, lead, "0123456789abcdefABCDEF");
	} else {
		lead = 2;
		most = 7;
		n = run_of(s, lead, "0123456789");
	}
	return n >= 1 && n <= most && lead + n < s.n && s.p[lead + n] == ';' ? lead + n + 1 : 0;
}

/* In UTF-8; what a page can't hold becomes U+FFFD. */
static size_t encode(uint32_t c, char ret[4])
{
	if ((c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		c = 0xfffd;
	return str_put_utf8(c, ret);
}

/* The number of "&#60;" or "&#x3c;". */
static uint32_t entity_number(struct str entity)
{
	bool hex = (entity.p[2] | 0x20) == 'x';
	uint32_t value = 0;

	for (size_t at = hex ? 3 : 2; at + 1 < entity.n; at++) {
		char c = entity.p[at];
		uint32_t digit = (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);

		value = value * (hex ? 16 : 10) + digit;
	}
	return value;
}

/* A named one is left to the browser, which shows it as text whatever it stands for. */
void md_put_entity(struct md *m, struct str entity)
{
	char utf8[4];

	if (entity.p[1] == '#')
		buf_put_html(&m->out, (struct str){ utf8, encode(entity_number(entity), utf8) });
	else
		buf_put(&m->out, entity);
}

/* ---- links ---- */

struct str md_address(struct md *m, struct str raw)
{
	/* No escape and no entity is shorter than what it stands for. */
	char *address = arena_alloc(m->arena, raw.n + 1, 1);
	size_t n = 0;

	for (size_t at = 0; at < raw.n; at++) {
		struct str rest = str_skip(raw, at);
		size_t entity = md_entity(rest);

		if (rest.p[0] == '\\' && rest.n > 1 && md_is_punctuation(rest.p[1])) {
			address[n++] = rest.p[1];
			at++;
		} else if (entity && rest.p[1] == '#') {
			n += encode(entity_number(str_first(rest, entity)), address + n);
			at += entity - 1;
		} else {
			address[n++] = rest.p[0];
			if (str_starts(rest, STR("&amp;")))
				at += 4;
		}
	}
	return (struct str){ address, n };
}

static bool starts_nocase(struct str s, struct str prefix)
{
	return s.n > prefix.n && str_eq_nocase(str_first(s, prefix.n), prefix);
}

static bool is_web(struct str address)
{
	return starts_nocase(address, STR("http://")) || starts_nocase(address, STR("https://"));
}

/* Browsers drop tabs and line ends from an address and read '\' as '/': neither gets that far. */
bool md_is_allowed(struct str address)
{
	if (address.n == 0 || str_has_control(address, STR("")) ||
	    str_contains(address, STR(REPLACEMENT)))
		return false;
	if (is_web(address) || starts_nocase(address, STR("mailto:")) || address.p[0] == '#')
		return true;
	return address.p[0] == '/' &&
	       (address.n == 1 || (address.p[1] != '/' && address.p[1] != '\\'));
}

static void put_address(struct md *m, struct str address)
{
	struct str rest = address;

	while (rest.p) {
		buf_put_html(&m->out, str_cut(&rest, ' '));
		if (rest.p)
			buf_put(&m->out, STR("%20"));
	}
}

void md_open_link(struct md *m, struct str address)
{
	m->links++;
	if (m->open_link || !md_is_allowed(address))
		return;
	md_open(m, STR("<a href=\""));
	put_address(m, address);
	buf_put(&m->out, is_web(address) ? STR("\" rel=\"noopener noreferrer\">") : STR("\">"));
	m->open_link = m->links;
	m->link = address;
	m->link_start = m->out.n;
}

void md_close_link(struct md *m)
{
	if (m->open_link == m->links) {
		/* A link needs a name: without a text it is the address. */
		if (m->out.n == m->link_start)
			md_put_text(m, m->link);
		md_close(m, STR("</a>"));
		m->open_link = 0;
	}
	m->links--;
}
