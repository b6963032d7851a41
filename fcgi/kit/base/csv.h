#ifndef KIT_BASE_CSV_H
#define KIT_BASE_CSV_H

#include "kit/base/buf.h"
#include "kit/base/shape.h"

/*
 * The shape's door out to spreadsheets: CSV as RFC 4180 has it, in UTF-8.  Fields may be of the
 * types STR, INT, BOOL, TIME, UUID and ENUM; any other is a fault of ours and stops the program.
 *
 * A spreadsheet runs what looks like a formula, whoever wrote it.  So an apostrophe stands before a
 * text that begins with = + - @ (their full-width forms too), a tab or a line's end, unless all of
 * it is a plain number; and before these signs within a text, behind what a spreadsheet of another
 * country takes for the end of a cell.  The text itself is the API's to give.
 */

/* Begins the file: the mark by which Excel knows UTF-8, and the fields' names. */
void csv_put_head(struct buf *out, const struct shape *s);
/* A time is UTC, as spreadsheets know it: 2026-11-21 10:51:07.  None is an empty cell. */
void csv_put_row(struct buf *out, const struct shape *s, const void *object);

/*
 * And the door in, which reads as a spreadsheet does.  The next cell of *rest; a quote counts at
 * its beginning only, and what stands behind the closing one still belongs to it.  *ends: it was
 * the last of its row.
 */
struct str csv_cell(struct arena *a, struct str *rest, char separator, bool *ends);
/* Of comma, semicolon and tab the one that the first row is separated by. */
char csv_separator(struct str text);

#endif
