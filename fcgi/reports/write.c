/* A report as a document in each of its formats; see reports.h. */
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/render/render.h"
#include "reports/paper.h"

#define DOCUMENT_MAX ((size_t)16 << 20)

const struct report_file report_files[] = {
	[REPORT_MARKDOWN] = { "text/markdown; charset=utf-8", "md" },
	[REPORT_TEXT] = { "text/plain; charset=utf-8", "txt" },
	[REPORT_HTML] = { "text/html; charset=utf-8", "html" },
	[REPORT_JSON] = { "application/json", "json" },
};

static const struct view alone_view = { "reports/alone", &report_paper_shape };
const struct view *const report_views[] = { &alone_view, NULL };

const struct err *report_write(struct arena *a, const struct render *render,
			       const struct report *cut, enum report_format format, struct str *ret)
{
	struct buf out = buf_new(a, DOCUMENT_MAX);

	switch (format) {
	case REPORT_MARKDOWN:
		report_put_markdown(&out, report_paper_of(a, cut, false));
		break;
	case REPORT_TEXT:
		report_put_text(&out, report_paper_of(a, cut, false));
		break;
	case REPORT_HTML:
		render_view(render, &alone_view, NULL, report_paper_of(a, cut, true), &out);
		break;
	case REPORT_JSON:
		shape_put_json(&out, &report_json_shape, cut);
		buf_putc(&out, '\n');
		break;
	case REPORT_FORMAT__MAX:
		break;
	}
	if (out.full)
		return ERR(a, ERR_INVALID, "This documentation is longer than %zu bytes.",
			   DOCUMENT_MAX);
	*ret = report_seal(a, buf_str(&out), format);
	return NULL;
}
