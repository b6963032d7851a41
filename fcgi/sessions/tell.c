/* Telling a colleague of a session that is prepared for them; see inside.h. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "mail/mail.h"
#include "notices/notices.h"
#include "people/people.h"
#include "record/record.h"
#include "redaction/redaction.h"
#include "sessions/inside.h"
#include "sessions/prepared.h"

struct told_mail {
	struct str to, by, flow, client, ticket, account, url, preferences_url, unsubscribe_url;
};

#define T struct told_mail
static const struct shape told_mail_shape = SHAPE(
	T, F_STR(T, to), F_STR(T, by), F_STR(T, flow), F_STR(T, client), F_STR(T, ticket),
	F_STR(T, account), F_STR(T, url), F_STR(T, preferences_url), F_STR(T, unsubscribe_url));
#undef T
const struct view told_html_view = { "sessions/told", &told_mail_shape };
const struct view told_text_view = { "sessions/told.txt", &told_mail_shape };

static struct str rendered(struct req *r, const struct view *view, const struct told_mail *mail)
{
	struct str ret;

	(void)render_alone(r->arena, r->server->render, view, mail, &ret);
	return ret;
}

static void mail_them(struct req *r, const struct assignee_row *to, const struct told *what,
		      struct str path)
{
	const struct redact_rules *rules = redaction_rules(r->arena, what->patterns, NULL);
	struct str flow = redact(r->arena, rules, what->flow, NULL);
	struct str client = redact(r->arena, rules, what->client, NULL);
	struct str base = r->settings->base_url;
	struct str about = client.n ? str_fmt(r->arena, " (%.*s)", STR_ARG(client)) : STR("");
	const struct unsubscribe stop =
		unsubscribe_link(r->arena, r->settings, r->who->account, to->id, NOTICE_PREPARED);
	const struct told_mail mail = {
		.to = to->name,
		.by = r->who->row->name,
		.flow = flow,
		.client = client,
		.ticket = redact(r->arena, rules, what->ticket, NULL),
		.account = r->who->row->account_name,
		.url = str_fmt(r->arena, "%.*s%.*s", STR_ARG(base), STR_ARG(path)),
		.preferences_url = str_fmt(r->arena, "%.*s/profile/notifications", STR_ARG(base)),
		.unsubscribe_url = stop.url,
	};

	mail_queue(r->tx, &(struct mail){
				  .recipient = to->email,
				  .subject = str_one_line(
					  r->arena, str_fmt(r->arena, "Prepared for you: %.*s%.*s",
							    STR_ARG(flow), STR_ARG(about))),
				  .text = rendered(r, &told_text_view, &mail),
				  .html = rendered(r, &told_html_view, &mail),
				  .headers = mail_headers(r->arena, stop.headers),
				  .not_before = to->mail_at,
			  });
}

void session_tell(struct req *r, const struct assignee_row *to, const struct told *what)
{
	struct str path = str_fmt(r->arena, "/sessions/%s", what->session.text);

	if (!to || uuid_eq(to->id, r->who->person))
		return;
	if (to->mail)
		mail_them(r, to, what, path);
	if (to->notice)
		notice_add(r->tx, r->who->account, to->id,
			   str_fmt(r->arena, "%.*s prepared “%.*s” for you%s%.*s",
				   STR_ARG(r->who->row->name), STR_ARG(what->flow),
				   what->client.n ? ", for " : "", STR_ARG(what->client)),
			   str_cstr(r->arena, path));
}
