/* The mail of a digest; see notices.h.  When one is due, mail_at() of the database says. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "notices/inside.h"
#include "notices/notices.h"

struct line_view {
	struct str text, url, when;
};

struct digest_view {
	struct str to, account, count, preferences_url, unsubscribe_url;
	struct list lines;
};

static const struct shape line_shape =
	SHAPE(struct line_view, F_STR(struct line_view, text), F_STR(struct line_view, url),
	      F_STR(struct line_view, when));
#define D struct digest_view
static const struct shape digest_shape =
	SHAPE(D, F_STR(D, to), F_STR(D, account), F_STR(D, count), F_STR(D, preferences_url),
	      F_STR(D, unsubscribe_url), F_LIST(D, lines, &line_shape));
#undef D
const struct view digest_html_view = { "notices/digest", &digest_shape };
const struct view digest_text_view = { "notices/digest.txt", &digest_shape };

static struct list line_views(struct arena *a, struct str base, struct list lines)
{
	struct line_view *views = ARENA_ARRAY(a, struct line_view, lines.n + 1);

	for (size_t at = 0; at < lines.n; at++) {
		const struct digest_line *line = &((const struct digest_line *)lines.items)[at];

		views[at].text = line->text;
		views[at].when = clock_words(a, line->at);
		if (line->link.n)
			views[at].url = str_fmt(a, "%.*s%.*s", STR_ARG(base), STR_ARG(line->link));
	}
	return LIST_OF(views, lines.n);
}

static struct str rendered(struct arena *a, const struct render *render, const struct view *view,
			   const struct digest_view *digest)
{
	struct str ret;

	(void)render_alone(a, render, view, digest, &ret);
	return ret;
}

struct digest_mail digest_mail(struct arena *a, const struct render *render,
			       const struct settings *settings, const struct digest_reader *to,
			       struct list lines)
{
	struct unsubscribe unsubscribe =
		unsubscribe_link(a, settings, to->account, to->person, NOTICE_DIGEST);
	const struct digest_view digest = {
		.to = to->name,
		.account = to->account_name,
		.count = str_fmt(a, "%zu notice%s", lines.n, lines.n == 1 ? "" : "s"),
		.preferences_url =
			str_fmt(a, "%.*s/profile/notifications", STR_ARG(settings->base_url)),
		.unsubscribe_url = unsubscribe.url,
		.lines = line_views(a, settings->base_url, lines),
	};

	return (struct digest_mail){
		.subject = str_fmt(a, "%.*s from ResolutionFlow", STR_ARG(digest.count)),
		.text = rendered(a, render, &digest_text_view, &digest),
		.html = rendered(a, render, &digest_html_view, &digest),
		.unsubscribe = unsubscribe,
	};
}
