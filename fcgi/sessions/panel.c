/* All variables of a session, filled or not, with its ticket and client; one form. */
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "sessions/pages.h"
#include "sessions/sessions.h"

struct texts_form {
	struct str ticket, client;
};

#define T struct texts_form
static const struct shape texts_form_shape =
	SHAPE(T, F_STR(T, ticket, .optional = true, .max = 120, .label = "The ticket"),
	      F_STR(T, client, .optional = true, .max = 200, .label = "The client"));
#undef T

struct variables_page {
	struct session_head session;
	struct list errors, marks;
	bool failed, empty;
	struct html fields;
	int64_t total, filled, missing;
	struct str ticket, client, once;
};

#define V struct variables_page
static const struct shape variables_page_shape = SHAPE(
	V, F_OBJECT(V, session, struct session_head, &session_head_shape),
	F_LIST(V, errors, &session_error_shape), F_LIST(V, marks, &session_mark_shape),
	F_BOOL(V, failed), F_BOOL(V, empty), F_HTML(V, fields), F_INT(V, total), F_INT(V, filled),
	F_INT(V, missing), F_STR(V, ticket), F_STR(V, client), F_STR(V, once));
#undef V
const struct view variables_view = { "sessions/variables", &variables_page_shape };

static const struct err *variables_show(struct req *r)
{
	const struct texts_form *form = r->method == POST ? r->input : NULL;
	struct variables_page page;
	struct prompts prompts;
	struct session s;

	TRY(session_read(r, r->id[0], &s));
	if (!session_fills(&s))
		return session_standing(r, &s);
	prompts = prompts_new(r->arena, &s.values);
	session_typed_prompts(r, &prompts);
	page = (struct variables_page){
		.session = session_head(r, &s),
		.errors = session_errors(r),
		.marks = session_marks(r, &s),
		.failed = r->nproblems > 0,
		.empty = s.values.n == 0,
		.fields = prompts_all(&prompts),
		.total = (int64_t)s.values.n,
		.missing = (int64_t)values_unfilled(&s.values, true),
		.ticket = form && form->ticket.p ? form->ticket : s.row->ticket,
		.client = form && form->client.p ? form->client : s.row->client,
		.once = crypto_token(r->arena),
	};
	page.filled = page.total - (int64_t)values_unfilled(&s.values, false);
	return reply_page(r, &variables_view, &page);
}

static const struct err *variables_again(struct req *r)
{
	session_find(r);
	return variables_show(r);
}

static const struct err *variables_save(struct req *r)
{
	const struct texts_form *form = r->input;
	const struct session_texts texts = { STR_NONE, form->ticket, form->client, -1 };
	struct value_changes changes;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_must_fill(r, &s));
	TRY(session_typed_values(r, &s, &changes));
	session_fill(r, &s, &changes);
	TRY(session_write(r, &s, &texts));
	people_flash(r, "Saved.");
	return session_go(r, &s, "");
}

#define VARIABLES "/sessions/:session/variables"
#define RUN       .need = PERM_RUN, .find = session_find

const struct route panel_routes[] = {
	{ GET, VARIABLES, RUN, .run = variables_show },
	{ POST, VARIABLES, RUN, .input = &texts_form_shape, .run = variables_save,
	  .again = variables_again, .once = true },
	{ 0 },
};
