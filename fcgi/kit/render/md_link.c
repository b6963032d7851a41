/* Where a link goes, as it is written; every search is bounded.  See md.h. */
#include "kit/render/md.h"

#define TITLE_MAX 200

struct str md_angle_address(struct str rest)
{
	struct str address = str_skip(rest, 1), host;
	size_t n = 0;

	while (n < address.n && n <= MD_ADDRESS_MAX && (unsigned char)address.p[n] > ' ' &&
	       address.p[n] != '<' && address.p[n] != '>')
		n++;
	if (n >= address.n || address.p[n] != '>')
		return STR_NONE;
	address = host = str_first(address, n);
	if (str_find(address, ':') >= 0)
		return address.p[0] != '/' && address.p[0] != '#' && md_is_allowed(address)
			       ? address
			       : STR_NONE;
	return str_cut(&host, '@').n && host.n ? address : STR_NONE;
}

static size_t skip_space(struct str s, size_t at)
{
	while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\n'))
		at++;
	return at;
}

/* The address at *at, as it is written; none where there is none. */
static struct str take_address(struct str s, size_t *at)
{
	size_t from = *at, end = from, depth = 0;
	bool angle = from < s.n && s.p[from] == '<';

	for (end += angle; end < s.n && end - from <= MD_ADDRESS_MAX; end++) {
		char c = s.p[end];

		if (c == '\\' && end + 1 < s.n && md_is_punctuation(s.p[end + 1])) {
			end++;
			continue;
		}
		if (angle ? c == '>' || c == '\n' || c == '<'
			  : c == ' ' || c == '\n' || (c == ')' && !depth))
			break;
		depth += (c == '(') - (size_t)(c == ')' && !angle);
	}
	if (end >= s.n || (angle ? s.p[end] != '>' : depth > 0))
		return STR_NONE;
	*at = end + angle;
	return str_skip(str_first(s, end), from + angle);
}

/* Behind a title such as "x" or (x), where there is one; titles are read and not shown. */
static size_t skip_title(struct str s, size_t at)
{
	char close = at < s.n && s.p[at] == '(' ? ')' : at < s.n ? s.p[at] : '\0';

	if (close != ')' && close != '"' && close != '\'')
		return at;
	if (close == ')' && s.p[at] == ')')
		return at;
	for (size_t end = at + 1; end < s.n && end - at <= TITLE_MAX; end++) {
		if (s.p[end] == '\\')
			end++;
		else if (s.p[end] == close)
			return end + 1;
	}
	return at;
}

size_t md_link_target(struct str rest, struct str *address)
{
	size_t at = 1, end;

	if (rest.n < 2 || rest.p[0] != '(')
		return 0;
	at = skip_space(rest, at);
	*address = take_address(rest, &at);
	if (!address->p)
		return 0;
	end = skip_space(rest, at);
	if (end > at)
		end = skip_space(rest, skip_title(rest, end));
	return end < rest.n && rest.p[end] == ')' ? end + 1 : 0;
}
