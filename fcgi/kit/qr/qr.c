/* QR codes as SVG: the face over libqrencode; see qr.h. */
#include "kit/qr/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define QUIET   4 /* modules around it that stay white, as the standard wants */
#define SVG_MAX ((size_t)256 * 1024)

/* Each run of dark modules in a row is one stroke. */
static void put_row(struct buf *out, const unsigned char *row, int width, int y)
{
	for (int from = 0; from < width; from++) {
		int to = from;

		while (to < width && row[to] & 1)
			to++;
		if (to == from)
			continue;
		buf_printf(out, "M%d %d.5h%d", from + QUIET, y + QUIET, to - from);
		from = to;
	}
}

static struct html draw(struct arena *a, const QRcode *code, struct str name)
{
	struct buf out = buf_new(a, SVG_MAX);
	int side = code->width + 2 * QUIET;

	buf_put(&out, STR("<svg role=\"img\" aria-label=\""));
	buf_put_html(&out, name);
	buf_printf(&out,
		   "\" width=\"240\" height=\"240\" viewBox=\"0 0 %d %d\" "
		   "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
		   "<path stroke=\"#000\" d=\"",
		   side, side, side, side);
	for (int y = 0; y < code->width; y++)
		put_row(&out, code->data + y * code->width, code->width, y);
	buf_put(&out, STR("\"/></svg>"));
	return (struct html){ buf_str(&out) };
}

const struct err *qr_svg(struct arena *a, struct str text, struct str name, struct html *ret)
{
	QRcode *code =
		QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);

	if (!code)
		return ERR(a, ERR_INTERNAL, "a QR code of %zu bytes: %s", text.n, strerror(errno));
	*ret = draw(a, code, name);
	QRcode_free(code);
	return NULL;
}
