/* CSV coming in, from whichever spreadsheet of whichever country; see csv.h. */
#include "kit/base/csv.h"

struct str csv_cell(struct arena *a, struct str *rest, char separator, bool *ends)
{
	struct buf cell = buf_new(a, rest->n);
	bool within = rest->n && rest->p[0] == '"';
	size_t at = within;

	for (; at < rest->n; at++) {
		char c = rest->p[at];

		if (within && c == '"' && at + 1 < rest->n && rest->p[at + 1] == '"')
			buf_putc(&cell, rest->p[++at]);
		else if (within && c == '"')
			within = false;
		else if (!within && (c == separator || c == '\n' || c == '\r'))
			break;
		else
			buf_putc(&cell, c);
	}
	*ends = at >= rest->n || rest->p[at] != separator;
	at += at + 1 < rest->n && rest->p[at] == '\r' && rest->p[at + 1] == '\n';
	*rest = str_skip(*rest, at + 1);
	return cell.p ? buf_str(&cell) : STR("");
}

char csv_separator(struct str text)
{
	size_t commas = 0, semicolons = 0, tabs = 0;
	bool within = false;

	for (size_t at = 0; at < text.n; at++) {
		char c = text.p[at];

		within ^= c == '"';
		if (!within && (c == '\n' || c == '\r'))
			break;
		commas += !within && c == ',';
		semicolons += !within && c == ';';
		tabs += !within && c == '\t';
	}
	if (tabs > commas && tabs >= semicolons)
		return '\t';
	return semicolons > commas ? ';' : ',';
}
