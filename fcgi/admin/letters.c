/* Mails and notices about an account as a whole; see letters.h. */
#include "admin/letters.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "mail/mail.h"
#include "record/record.h"

void letters_send(struct arena *a, struct tx *tx, struct uuid account, struct list people,
		  const struct letter *letter)
{
	const struct keeper_row *person = people.items;
	struct mail *mails = ARENA_ARRAY(a, struct mail, people.n + 1);
	struct str *ids = ARENA_ARRAY(a, struct str, people.n + 1);
	struct str *texts = ARENA_ARRAY(a, struct str, people.n + 1);

	for (size_t at = 0; at < people.n; at++) {
		mails[at] = (struct mail){
			.recipient = person[at].email,
			.subject = letter->subject,
			.text = str_fmt(a, "Hello %.*s,\n\n%.*s\n", STR_ARG(person[at].name),
					STR_ARG(letter->text)),
		};
		ids[at] = uuid_str(&person[at].id);
		texts[at] = letter->notice;
	}
	if (!people.n)
		return;
	mail_queue_all(a, tx, LIST_OF(mails, people.n));
	if (letter->notice.n)
		notices_add(tx, account, LIST_OF(ids, people.n), LIST_OF(texts, people.n),
			    letter->link);
}

static struct str page_of_end(struct arena *a, const struct settings *settings)
{
	return str_fmt(a, "%.*s/account/close", STR_ARG(settings->base_url));
}

struct letter letter_closing(struct arena *a, const struct settings *settings,
			     const struct closing_row *closing, struct str by)
{
	struct str when = clock_words(a, closing->closing_at), page = page_of_end(a, settings);

	return (struct letter){
		str_fmt(a, "%.*s will be deleted", STR_ARG(closing->name)),
		str_fmt(a,
			"%.*s has closed the account of %.*s at ResolutionFlow. On %.*s it is "
			"deleted, with its "
			"people, flows, sessions and all else. Until then everything works as "
			"before.\n\n"
			"Any team admin can call it off, or take an archive of all data with "
			"them:\n%.*s",
			STR_ARG(by), STR_ARG(closing->name), STR_ARG(when), STR_ARG(page)),
		str_fmt(a, "%.*s has closed the account. It is deleted on %.*s.", STR_ARG(by),
			STR_ARG(when)),
		"/account/close",
	};
}

struct letter letter_reminder(struct arena *a, const struct settings *settings,
			      const struct closing_row *closing)
{
	struct str when = clock_words(a, closing->closing_at), page = page_of_end(a, settings);

	return (struct letter){
		str_fmt(a, "%.*s will be deleted soon", STR_ARG(closing->name)),
		str_fmt(a,
			"On %.*s the account of %.*s at ResolutionFlow is deleted, with its "
			"people, flows, "
			"sessions and all else.\n\n"
			"This is the last reminder. Any team admin can call it off, or take an "
			"archive of all "
			"data with them:\n%.*s",
			STR_ARG(when), STR_ARG(closing->name), STR_ARG(page)),
		str_fmt(a, "The account is deleted on %.*s. It can still be called off.",
			STR_ARG(when)),
		"/account/close",
	};
}

struct letter letter_kept(struct arena *a, const struct closing_row *closing, struct str by)
{
	return (struct letter){
		str_fmt(a, "%.*s will not be deleted", STR_ARG(closing->name)),
		str_fmt(a,
			"%.*s has called off the end of the account of %.*s at ResolutionFlow. "
			"Nothing was "
			"deleted.",
			STR_ARG(by), STR_ARG(closing->name)),
		str_fmt(a, "%.*s has called it off: the account stays.", STR_ARG(by)),
		"/account/close",
	};
}

struct letter letter_gone(struct arena *a, struct str account)
{
	return (struct letter){
		str_fmt(a, "%.*s is closed", STR_ARG(account)),
		str_fmt(a,
			"The time of the account of %.*s at ResolutionFlow has come: nobody can "
			"sign in any "
			"more, and all its data is being deleted now. It can't be brought back.",
			STR_ARG(account)),
		STR_NONE,
		"",
	};
}

struct letter letter_archive(struct arena *a, const struct settings *settings, struct str account,
			     struct str why)
{
	struct str page = str_fmt(a, "%.*s/account/archive", STR_ARG(settings->base_url));

	if (why.n)
		return (struct letter){
			str_fmt(a, "The archive of %.*s failed", STR_ARG(account)),
			str_fmt(a, "The archive could not be written: %.*s\n\nTry it again:\n%.*s",
				STR_ARG(why), STR_ARG(page)),
			STR("The archive could not be written. Try it again."),
			"/account/archive",
		};
	return (struct letter){
		str_fmt(a, "The archive of %.*s is ready", STR_ARG(account)),
		str_fmt(a,
			"All data of %.*s is in one file, which team admins can download for 7 "
			"days:\n%.*s",
			STR_ARG(account), STR_ARG(page)),
		STR("The archive of all data is ready. It can be downloaded for 7 days."),
		"/account/archive",
	};
}
