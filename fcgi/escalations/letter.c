/* The mail that tells of a hand-off; see inside.h. */
#include "accounts/accounts.h"
#include "escalations/inside.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/render/render.h"
#include "mail/mail.h"
#include "notices/notices.h"

struct letter_view {
	struct str to, headline, by, title, client, ticket, priority, step, account, url,
		preferences_url, unsubscribe_url;
	struct list reason, tried, resolution, path;
	bool calls;
};

#define S struct told_step
static const struct shape told_step_shape =
	SHAPE(S, F_INT(S, n), F_STR(S, title), F_STR(S, answer), F_LIST(S, notes, &shape_texts));
#undef S
#define L struct letter_view
static const struct shape letter_shape = SHAPE(
	L, F_STR(L, to), F_STR(L, headline), F_STR(L, by), F_STR(L, title), F_STR(L, client),
	F_STR(L, ticket), F_STR(L, priority), F_STR(L, step), F_STR(L, account), F_STR(L, url),
	F_STR(L, preferences_url), F_STR(L, unsubscribe_url), F_LIST(L, reason, &shape_texts),
	F_LIST(L, tried, &shape_texts), F_LIST(L, resolution, &shape_texts),
	F_LIST(L, path, &told_step_shape), F_BOOL(L, calls));
#undef L
static const struct view html_view = { "escalations/letter", &letter_shape };
static const struct view text_view = { "escalations/letter.txt", &letter_shape };
const struct view *const escalations_mails[] = { &html_view, &text_view, NULL };

static const struct err *render(struct arena *a, const struct jobs_ctx *ctx,
				const struct view *view, const struct letter_view *letter,
				struct str *ret)
{
	if (render_alone(a, ctx->render, view, letter, ret))
		return NULL;
	return ERR(a, ERR_INTERNAL, "a mail of a hand-off is too long");
}

/* What its reader turns off by the link in it. */
static enum notice_event event_of(const struct due_row *due)
{
	if (!due->calls)
		return NOTICE_ANSWER;
	return str_eq(due->occasion, STR("overdue")) ? NOTICE_OVERDUE : NOTICE_ESCALATION;
}

const struct err *letter_write(struct arena *a, const struct jobs_ctx *ctx, const struct letter *l,
			       struct mail *ret)
{
	const struct told *told = l->told;
	struct str base = ctx->settings->base_url;
	const struct unsubscribe unsubscribe =
		unsubscribe_link(a, ctx->settings, l->account, l->to->person, event_of(l->to));
	const struct letter_view view = {
		.to = l->to->name,
		.headline = told_headline(a, told, l->to),
		.by = told->by,
		.title = told->title,
		.client = told->client,
		.ticket = told->ticket,
		.priority = told->priority,
		.step = told->step,
		.account = l->account_name,
		.url = str_fmt(a, "%.*s/escalations/%s", STR_ARG(base), l->to->handoff.text),
		.preferences_url = str_fmt(a, "%.*s/profile/notifications", STR_ARG(base)),
		.unsubscribe_url = unsubscribe.url,
		.reason = told_lines(a, told->reason),
		.tried = told_lines(a, told->tried),
		.resolution = told_lines(a, told->resolution),
		.path = told->path,
		.calls = l->to->calls,
	};

	*ret = (struct mail){ .id = crypto_uuid7(),
			      .recipient = l->to->email,
			      .subject = told_subject(a, told, l->to),
			      .headers = mail_headers(a, unsubscribe.headers) };
	TRY(render(a, ctx, &html_view, &view, &ret->html));
	return render(a, ctx, &text_view, &view, &ret->text);
}
