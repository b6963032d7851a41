#ifndef SUPPORT_CSV_H
#define SUPPORT_CSV_H

#include <stdbool.h>

#include "kit/base/buf.h"

/*
 * Reads as a spreadsheet does, with whatever separator its country has.  The next cell of *rest; a
 * quote counts at its beginning only, and what stands behind the closing one still belongs to it.
 * *ends: it was the last of its row.
 */
static struct str __attribute__((unused))
csv_cell(struct arena *a, struct str *rest, char separator, bool *ends)
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

#endif
