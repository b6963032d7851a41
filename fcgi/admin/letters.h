#ifndef ADMIN_LETTERS_H
#define ADMIN_LETTERS_H

#include "admin/store.h"

struct settings;

/* What those who look after an account are told of it: a notice each, and a mail. */
struct letter {
	struct str subject, text; /* of the mail; without its greeting */
	struct str notice;        /* none: by mail only */
	const char *link;
};

/* people: of struct keeper_row. */
void letters_send(struct arena *a, struct tx *tx, struct uuid account, struct list people,
		  const struct letter *letter);

struct letter letter_closing(struct arena *a, const struct settings *settings,
			     const struct closing_row *closing, struct str by);
struct letter letter_reminder(struct arena *a, const struct settings *settings,
			      const struct closing_row *closing);
struct letter letter_kept(struct arena *a, const struct closing_row *closing, struct str by);
struct letter letter_gone(struct arena *a, struct str account);
struct letter letter_archive(struct arena *a, const struct settings *settings, struct str account,
			     struct str why); /* why: "" where it is done */

#endif
