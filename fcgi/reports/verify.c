/* Whether a document is what was exported: by its seal, for whoever has it. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/rates.h"
#include "reports/pages.h"
#include "reports/store.h"

struct verify_input {
	struct str file, text;
};

#define V struct verify_input
#define F_DOC(m, ...)                                                                              \
	F_STR(V, m, .optional = true, .max = 1000000, .lines = true, .any = true, .exact = true,   \
	      __VA_ARGS__)
static const struct shape verify_input =
	SHAPE(V, F_DOC(file, .label = "The document's file"),
	      F_DOC(text, .label = "Or the whole document, as it reached you"));
#undef V

struct verify_page {
	struct form_view form;
	bool asked, unsealed, changed, unknown, known, edited;
	struct str account, format, digest, when;
	struct instant at;
};

#define P_ struct verify_page
static const struct shape verify_page_shape =
	SHAPE(P_, F_OBJECT(P_, form, struct form_view, &form_view_shape), F_BOOL(P_, asked),
	      F_BOOL(P_, unsealed), F_BOOL(P_, changed), F_BOOL(P_, unknown), F_BOOL(P_, known),
	      F_BOOL(P_, edited), F_STR(P_, account), F_STR(P_, format), F_STR(P_, digest),
	      F_STR(P_, when), F_TIME(P_, at));
static const struct view verify_view = { "reports/verify", &verify_page_shape };

static const struct err *reply(struct req *r, struct verify_page *page)
{
	static const struct control controls[] = {
		{ "file", CONTROL_FILE, .needed = true, .accept = ".md,.txt,.html,.json",
		  .hint = "As it was downloaded; it need not be opened." },
		{ "text", CONTROL_LINES, .needed = true,
		  .hint = "Select all of it, and paste it here." },
		{ 0 },
	};

	page->form = form_view(r, &(struct form_settings){
					  .action = STR("/verify"),
					  .button = "Check it",
					  .input = &verify_input,
					  .controls = controls,
					  .quiet = page->asked,
				  });
	return reply_page(r, &verify_view, page);
}

static const struct err *verify_show(struct req *r)
{
	return reply(r, &(struct verify_page){ .asked = false });
}

static const struct err *verify(struct req *r)
{
	const struct verify_input *in = r->input;
	struct verify_page page = { .asked = true };
	struct export_found *found = NULL;
	struct str text = in->file.n ? in->file : in->text, claimed, computed;

	if (!text.n)
		return input_refuse(r, "file", "Choose the document's file, or paste its text.");
	page.unsealed = !report_digest(r->arena, text, &claimed, &computed);
	page.changed = !page.unsealed && !str_eq(claimed, computed);
	if (!page.unsealed && !page.changed)
		store_export_find(r->tx, computed, &found);
	TRY(tx_run(r->tx));
	page.known = found != NULL;
	page.unknown = !page.unsealed && !page.changed && !found;
	page.digest = page.unsealed ? STR_NONE : computed;
	if (found) {
		page.account = found->account_name;
		page.edited = found->edited;
		page.at = found->at;
		page.when = clock_words(r->arena, found->at);
		page.format = names_text(&report_formats, found->format);
	}
	return reply(r, &page);
}

const struct route verify_routes[] = {
	{ GET, "/verify", .run = verify_show },
	{ POST, "/verify", .input = &verify_input, .run = verify, .again = verify_show,
	  .file = true, .rate = RATE_VERIFY },
	{ 0 },
};

const struct view *const verify_views[] = { &verify_view, NULL };
