/* `resolutionflow mail`: what became of mails, over all accounts, and sending again what failed. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/ctl.h"
#include "kit/base/arena.h"
#include "mail/mail.h"
#include "outbox/outbox.h"

#define SHOWN 1000

static const struct err *open_mails(struct call *call, struct tx **ret)
{
	static const struct sql *const *const statements[] = { mail_statements, outbox_statements,
							       NULL };
	struct db *db;

	TRY(call_connect(call, "jobs", statements, &db));
	*ret = tx_new(call->arena, db);
	return NULL;
}

const struct err *ctl_mail_list(struct call *call)
{
	struct str state = str_of(call->nwords ? call->words[0] : "");
	struct list rows;
	struct tx *tx;
	int status;

	if (state.n && !names_find(&outbox_statuses, state, &status))
		return ERR(call->arena, ERR_INVALID, "there is no state %.*s", STR_ARG(state));
	TRY(open_mails(call, &tx));
	outbox_read_all(tx, state, SHOWN, &rows);
	TRY(tx_run(tx));
	call_print(call, &outbox_row_shape, rows);
	return NULL;
}

const struct err *ctl_mail_retry(struct call *call)
{
	struct outbox_count *count;
	struct uuid id = UUID_NONE;
	struct tx *tx;

	if (strcmp(call->words[0], "all") != 0 && !uuid_parse(str_of(call->words[0]), &id))
		return ERR(call->arena, ERR_INVALID, "%s is no id", call->words[0]);
	TRY(open_mails(call, &tx));
	outbox_retry_all(tx, id, &count);
	mail_bell(tx);
	TRY(tx_run(tx));
	if (!count->n && !uuid_is_none(id))
		return ERR(call->arena, ERR_NOT_FOUND, "no mail of that id has failed");
	printf("%lld sent again\n", (long long)count->n);
	return NULL;
}
