/* `resolutionflow mail`: what became of mails, over all accounts, and sending again what failed. */
#include <stdio.h>
#include <string.h>

#include "app/ctl.h"
#include "app/server.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "mail/mail.h"
#include "outbox/outbox.h"

#define SHOWN 1000

static const char usage[] = "mail list [STATE] or mail retry ID|all; STATE is queued, sending, "
			    "sent, failed or skipped";

static void print_mail(struct arena *a, const struct outbox_row *row)
{
	struct str state = names_text(&outbox_statuses, row->status);

	printf("%s\t%s\t%.*s\t%lld\t%.*s\t%.*s\t%.*s\n", row->id.text, row->account.text,
	       STR_ARG(state), (long long)row->attempts, STR_ARG(clock_rfc3339(a, row->created_at)),
	       STR_ARG(row->recipient), STR_ARG(row->last_error));
}

static const struct err *list(struct arena *a, struct db *db, const char *state)
{
	struct tx *tx = tx_new(a, db);
	struct list rows;
	int status;

	if (state && !names_find(&outbox_statuses, str_of(state), &status))
		return ERR(a, ERR_INVALID, "%s", usage);
	outbox_read_all(tx, state ? str_of(state) : STR(""), SHOWN, &rows);
	TRY(tx_run(tx));
	for (size_t at = 0; at < rows.n; at++)
		print_mail(a, &((const struct outbox_row *)rows.items)[at]);
	return NULL;
}

static const struct err *retry(struct arena *a, struct db *db, const char *which)
{
	struct tx *tx = tx_new(a, db);
	struct outbox_count *count;
	struct uuid id = UUID_NONE;

	if (strcmp(which, "all") != 0 && !uuid_parse(str_of(which), &id))
		return ERR(a, ERR_INVALID, "%s", usage);
	outbox_retry_all(tx, id, &count);
	mail_bell(tx);
	TRY(tx_run(tx));
	if (!count->n && !uuid_is_none(id))
		return ERR(a, ERR_NOT_FOUND, "no mail of that id has failed");
	printf("%lld sent again\n", (long long)count->n);
	return NULL;
}

const struct err *ctl_mail(struct arena *a, const struct settings *settings, int argc, char **argv)
{
	static const struct sql *const *const statements[] = { mail_statements, outbox_statements,
							       NULL };
	struct db_settings wish = server_database(a, settings, "jobs");
	struct db *db;

	wish.statements = statements;
	if (argc < 2)
		return ERR(a, ERR_INVALID, "%s", usage);
	TRY(db_open(a, &wish, &db));
	if (strcmp(argv[1], "list") == 0 && argc <= 3)
		return list(a, db, argc == 3 ? argv[2] : NULL);
	if (strcmp(argv[1], "retry") == 0 && argc == 3)
		return retry(a, db, argv[2]);
	return ERR(a, ERR_INVALID, "%s", usage);
}
