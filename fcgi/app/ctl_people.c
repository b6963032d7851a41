/* `resolutionflow admin` and `password`: the super_admins, and who has lost a password. */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/ctl.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "operator/operator.h"

#define PASSWORD_LINE 1024

static const struct err *open_people(struct call *call, struct operating *ret)
{
	*ret = (struct operating){ .arena = call->arena,
				   .settings = call->settings,
				   .who = call_who(call) };
	return call_connect(call, "migrate", operator_lists, &ret->db);
}

static const struct err *read_password(struct call *call, struct str *ret)
{
	char line[PASSWORD_LINE];

	if (!fgets(line, sizeof(line), stdin))
		return ERR(call->arena, ERR_INVALID, "there is no password in the input");
	line[strcspn(line, "\r\n")] = '\0';
	*ret = str_dup(call->arena, str_of(line));
	crypto_wipe(line, sizeof(line));
	return NULL;
}

const struct err *ctl_admin_add(struct call *call)
{
	struct new_admin wish = { .email = str_trim(str_of(call->words[0])),
				  .name = str_trim(str_of(call->words[1])),
				  .account = call_option(call, "account") };
	struct admin_added added;
	struct operating op;

	if (call_has(call, "password-stdin"))
		TRY(read_password(call, &wish.password));
	TRY(open_people(call, &op));
	TRY(admin_add(&op, &wish, &added));
	printf("%.*s %s a super_admin, in the account \"%.*s\".\n", STR_ARG(wish.email),
	       added.was_one ? "already is" : "is now", STR_ARG(added.account));
	if (added.was_one)
		puts("For a new password: resolutionflow password reset");
	if (added.link.p)
		printf("Choose a password here, within a day:\n%.*s\n", STR_ARG(added.link));
	return NULL;
}

const struct err *ctl_admin_list(struct call *call)
{
	struct operating op;
	struct list rows;

	TRY(open_people(call, &op));
	TRY(admin_list(&op, &rows));
	call_print(call, &admin_shape, rows);
	return NULL;
}

const struct err *ctl_admin_remove(struct call *call)
{
	struct operating op;

	TRY(open_people(call, &op));
	TRY(admin_remove(&op, str_of(call->words[0])));
	printf("%s is no super_admin any more.\n", call->words[0]);
	return NULL;
}

const struct err *ctl_password_reset(struct call *call)
{
	struct operating op;
	struct str link;

	TRY(open_people(call, &op));
	TRY(password_reset(&op, str_of(call->words[0]), call_has(call, "second-factor"), &link));
	printf("The old password holds no more, and every device is signed out.\n"
	       "Choose a new one here, within a day:\n%.*s\n",
	       STR_ARG(link));
	return NULL;
}
