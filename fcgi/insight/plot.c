/* Bars and columns as SVG; see plot.h. */
#include "insight/plot.h"

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define PLOT_MAX ((size_t)1 << 20)
#define FEW      12 /* columns that all have room for their value and their label */
#define EACH     3  /* of many columns one in so many has its label */

/* In pixels: of a bar with its label, and of a column from the top. */
enum { BAR_STEP = 44, BAR_AT = 21, BAR_HIGH = 12, TEXT_AT = 14 };
enum { COLUMN_TOP = 20, COLUMN_FOOT = 132, COLUMN_HIGH = 156, LABEL_AT = 150 };

static int64_t value_of(const struct plot_bar *bar)
{
	return bar->value > 0 ? bar->value : 0;
}

static size_t highest_of(const struct plot *p)
{
	size_t ret = 0;

	for (size_t at = 1; at < p->n; at++)
		if (p->bars[at].value > p->bars[ret].value)
			ret = at;
	return ret;
}

/* Of the highest, from 0 to 1. */
static double share_of(const struct plot *p, const struct plot_bar *bar)
{
	int64_t most = value_of(&p->bars[highest_of(p)]);

	return most ? (double)value_of(bar) / (double)most : 0;
}

/* "VPN: 12", which a pointer that rests on it shows. */
static void put_told(struct buf *out, const struct plot_bar *bar)
{
	buf_put(out, STR("<title>"));
	buf_put_html(out, bar->label);
	buf_put(out, STR(": "));
	buf_put_html(out, bar->told);
	buf_put(out, STR("</title>"));
}

static void put_head(struct buf *out, const struct plot *p, int height)
{
	buf_printf(out, "<svg class=\"plot\" role=\"img\" width=\"100%%\" height=\"%d\"><title>",
		   height);
	buf_put_html(out, p->title);
	buf_put(out, STR("</title><desc>The most: "));
	buf_put_html(out, p->bars[highest_of(p)].label);
	buf_put(out, STR(", "));
	buf_put_html(out, p->bars[highest_of(p)].told);
	buf_put(out, STR(". The table has all numbers.</desc>"));
}

/* ---- bars ---- */

/* The label stands in a picture of its own, which ends before the value begins. */
static void put_bar(struct buf *out, const struct plot *p, size_t at)
{
	const struct plot_bar *bar = &p->bars[at];
	int top = (int)at * BAR_STEP;

	buf_put(out, STR("<g>"));
	put_told(out, bar);
	buf_printf(out, "<svg y=\"%d\" width=\"75%%\" height=\"%d\"><text y=\"%d\">", top, BAR_AT,
		   TEXT_AT);
	buf_put_html(out, bar->label);
	buf_printf(out, "</text></svg><text x=\"100%%\" y=\"%d\" text-anchor=\"end\">",
		   top + TEXT_AT);
	buf_put_html(out, bar->told);
	buf_printf(out,
		   "</text><rect class=\"ground\" y=\"%d\" width=\"100%%\" height=\"%d\" rx=\"3\"/>"
		   "<rect class=\"bar\" y=\"%d\" width=\"%.1f%%\" height=\"%d\" rx=\"3\"/></g>",
		   top + BAR_AT, BAR_HIGH, top + BAR_AT, share_of(p, bar) * 100, BAR_HIGH);
}

struct html plot_bars(struct arena *a, const struct plot *p)
{
	struct buf out = buf_new(a, PLOT_MAX);

	if (!p->n)
		return (struct html){ STR_NONE };
	put_head(&out, p, (int)p->n * BAR_STEP);
	for (size_t at = 0; at < p->n; at++)
		put_bar(&out, p, at);
	buf_put(&out, STR("</svg>"));
	return (struct html){ buf_str(&out) };
}

/* ---- columns ---- */

static void put_middle(struct buf *out, double x, double y, struct str text)
{
	buf_printf(out, "<text x=\"%.2f%%\" y=\"%.1f\" text-anchor=\"middle\">", x, y);
	buf_put_html(out, text);
	buf_put(out, STR("</text>"));
}

static void put_column(struct buf *out, const struct plot *p, size_t at)
{
	const struct plot_bar *bar = &p->bars[at];
	double width = 100.0 / (double)p->n, left = width * (double)at;
	double high = share_of(p, bar) * (COLUMN_FOOT - COLUMN_TOP), middle = left + width / 2;

	buf_put(out, STR("<g>"));
	put_told(out, bar);
	buf_printf(out,
		   "<rect class=\"bar\" x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" height=\"%.1f\"/>",
		   left + width * .15, COLUMN_FOOT - high, width * .7, high);
	if (p->n <= FEW || (at == highest_of(p) && high > 0))
		put_middle(out, middle, COLUMN_FOOT - high - 5, bar->told);
	if (p->n <= FEW || at % EACH == 0)
		put_middle(out, middle, LABEL_AT, bar->label);
	buf_put(out, STR("</g>"));
}

struct html plot_columns(struct arena *a, const struct plot *p)
{
	struct buf out = buf_new(a, PLOT_MAX);

	if (!p->n)
		return (struct html){ STR_NONE };
	put_head(&out, p, COLUMN_HIGH);
	buf_printf(&out, "<rect class=\"ground\" y=\"%d\" width=\"100%%\" height=\"2\"/>",
		   COLUMN_FOOT);
	for (size_t at = 0; at < p->n; at++)
		put_column(&out, p, at);
	buf_put(&out, STR("</svg>"));
	return (struct html){ buf_str(&out) };
}
